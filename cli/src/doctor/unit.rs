//! The unit of systemd: installed, on at the next boot, and not failed. Where systemd does not run, or hangs, nothing is
//! said of it.

use super::{
    commands::output_of,
    finding::{Finding, Part, Said},
    scene::Scene,
};
use crate::remedy::Starter;

/// Where it is described how the unit is installed.
const GUIDE: &str = "docs/systemd.md";

/// Looks at the unit.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let demo = scene.site.as_ref().is_ok_and(|site| site.starter != Starter::Service);
    if demo {
        let fact = ("bản trình diễn không chạy bằng systemd", "the demo is not run by systemd");
        return vec![Finding::not_looked_at(Part::Unit, Said::words(fact))];
    }
    let arguments = ["show", "phusongd.service", "-p", "LoadState,UnitFileState,ActiveState"];
    vec![match output_of("systemctl", &arguments) {
        Some(text) => judged(&text),
        None => {
            let fact = (
                "máy này không chạy systemd, hoặc systemctl không trả lời",
                "systemd does not run here, or systemctl does not answer",
            );
            Finding::not_looked_at(Part::Unit, Said::words(fact))
        }
    }]
}

/// By what `systemctl show` says.
fn judged(text: &str) -> Finding {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default();
    let (loaded, file, active) = (value("LoadState"), value("UnitFileState"), value("ActiveState"));
    match (loaded, file, active) {
        ("not-found", _, _) => {
            let fact = ("chưa cài phusongd.service", "phusongd.service is not installed");
            let remedy = Said::new(format!("cài theo {GUIDE}"), format!("install it as {GUIDE} says"));
            Finding::warning(Part::Unit, Said::words(fact), remedy)
        }
        ("masked", _, _) => {
            let fact = ("phusongd.service đang bị khóa (masked)", "phusongd.service is masked");
            Finding::fault(Part::Unit, Said::words(fact), Said::same("sudo systemctl unmask phusongd"))
        }
        (_, _, "failed") => {
            let fact = ("phusongd.service đã dừng vì lỗi", "phusongd.service has failed");
            Finding::fault(Part::Unit, Said::words(fact), Said::same("journalctl -u phusongd -n 50"))
        }
        ("loaded", _, "activating") => {
            let fact = (
                "phusongd.service đang khởi động, hoặc khởi động lại nhiều lần",
                "phusongd.service is starting, or starts again and again",
            );
            Finding::warning(Part::Unit, Said::words(fact), Said::same("journalctl -u phusongd -n 50"))
        }
        ("loaded", _, "inactive" | "deactivating") => {
            let fact = ("phusongd.service không chạy", "phusongd.service does not run");
            Finding::warning(Part::Unit, Said::words(fact), Said::same("sudo systemctl start phusongd"))
        }
        ("loaded", "disabled", _) => {
            let fact = ("sẽ không tự chạy khi máy khởi động lại", "it will not run after the next boot");
            Finding::warning(Part::Unit, Said::words(fact), Said::same("sudo systemctl enable phusongd"))
        }
        ("loaded", file, active) => Finding::ok(Part::Unit, Said::same(format!("{file}, {active}"))),
        (loaded, ..) => {
            let fact = Said::new(
                format!("systemd không đọc được phusongd.service ({loaded})"),
                format!("systemd cannot read phusongd.service ({loaded})"),
            );
            Finding::fault(Part::Unit, fact, Said::same("systemd-analyze verify phusongd.service"))
        }
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::glossary::Lang;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_unit_is_judged_by_what_systemctl_shows() {
        let of = |text: &str| {
            let finding = judged(text);
            (finding.verdict, finding.remedy.map(|remedy| remedy.of(Lang::En).to_owned()).unwrap_or_default())
        };
        assert_eq!(of("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n").0, Verdict::Ok);
        let disabled = of("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\n");
        assert_eq!(disabled, (Verdict::Warning, "sudo systemctl enable phusongd".to_owned()));
        let failed = of("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\n");
        assert_eq!(failed, (Verdict::Fault, "journalctl -u phusongd -n 50".to_owned()));
        let crashing = of("LoadState=loaded\nActiveState=activating\nUnitFileState=enabled\n");
        assert_eq!(crashing, (Verdict::Warning, "journalctl -u phusongd -n 50".to_owned()));
        let stopped = of("LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n");
        assert_eq!(stopped, (Verdict::Warning, "sudo systemctl start phusongd".to_owned()));
        assert_eq!(of("LoadState=bad-setting\nActiveState=inactive\nUnitFileState=\n").0, Verdict::Fault);
        let absent = of("LoadState=not-found\nActiveState=inactive\nUnitFileState=\n");
        assert_eq!(absent, (Verdict::Warning, "install it as docs/systemd.md says".to_owned()));
    }
}
