//! The clock: whether something keeps it right, and whether it was set back behind what is stored. Time zones do not
//! matter: everything is kept in UTC and told in the time of Viet Nam.

use std::{fs, time::Duration};

use phusong_model::{Millis, UtcMs, glossary};
use phusong_store::Reader;

use super::{
    commands::output_of,
    finding::{Finding, Part, Said},
    scene::Scene,
};

/// `systemd-timesyncd` touches it whenever the clock was set by a server.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// It asks every 34 minutes at least; after some in vain the clock is on its own.
const HOLDS: Duration = Duration::from_secs(3 * 3600);

/// Labels of ticks may be so far ahead of the clock: they stand on whole seconds, and the clock is moved a little now and
/// then.
const AHEAD: Millis = Millis::from_secs(5);

/// Looks at the clock.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let newest = scene.site.as_ref().ok().and_then(|site| {
        let reader = Reader::open(&site.config.store.folder).ok()?;
        reader.last_tick().ok().flatten().map(|tick| tick.at)
    });
    if let Some(finding) = newest.and_then(|newest| set_back(newest, scene.now)) {
        return vec![finding];
    }
    let kept = output_of("timedatectl", &["show", "-p", "NTPSynchronized", "--value"]);
    let touched = || fs::metadata(SYNCHRONISED).and_then(|file| file.modified()).ok()?.elapsed().ok();
    let by_file = || touched().filter(|past| *past < HOLDS).map(|_| "yes".to_owned());
    vec![judged(kept.or_else(by_file).as_deref())]
}

fn kept_right() -> Finding {
    Finding::ok(Part::Clock, Said::words(("được đồng bộ qua mạng (NTP)", "kept right over the network (NTP)")))
}

/// By what `timedatectl` says, which knows of every program that keeps the kernel's clock.
fn judged(said: Option<&str>) -> Finding {
    match said.map(str::trim) {
        Some("yes") => kept_right(),
        Some("no") => {
            let fact = ("chưa được đồng bộ qua mạng (NTP)", "nothing keeps it right over the network (NTP)");
            Finding::warning(Part::Clock, Said::words(fact), Said::same("sudo timedatectl set-ntp true"))
        }
        Some(_) | None => {
            let fact = (
                "timedatectl không cho biết có đồng bộ hay không",
                "timedatectl does not tell whether it is kept right",
            );
            Finding::not_looked_at(Part::Clock, Said::words(fact))
        }
    }
}

/// Ticks go on behind the newest one, at the pace of the monotonic clock, until the wall clock has caught up.
fn set_back(newest: UtcMs, now: UtcMs) -> Option<Finding> {
    let ahead = newest.since(now);
    let fact = Said::by(|lang| {
        let ahead = glossary::duration(lang, ahead);
        lang.pick(
            format!("chậm {ahead} so với vòng đo cuối trong kho: đồng hồ đã bị chỉnh lùi"),
            format!("{ahead} behind the newest tick in the store: it was set back"),
        )
    });
    (ahead > AHEAD).then(|| Finding::warning(Part::Clock, fact, Said::same("date; timedatectl timesync-status")))
}

#[cfg(test)]
mod tests {
    use phusong_model::glossary::Lang;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_clock_is_right_wrong_or_not_known() {
        assert_eq!(judged(Some("yes\n")).verdict, Verdict::Ok);
        assert_eq!(judged(None).verdict, Verdict::NotLookedAt);
        assert_eq!(judged(Some("")).verdict, Verdict::NotLookedAt);
        let wrong = judged(Some("no\n"));
        assert_eq!(wrong.remedy.expect("a remedy").of(Lang::En), "sudo timedatectl set-ntp true");
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_from_labels_that_are_ahead() {
        let now = UtcMs(1_795_430_000_000);
        assert_eq!(set_back(now.plus(Millis::from_secs(4)), now), None);
        let behind = set_back(now.plus(Millis::from_secs(7200)), now).expect("a warning");
        assert!(behind.fact.of(Lang::En).starts_with("2 h behind"), "{}", behind.fact.of(Lang::En));
        assert!(behind.fact.of(Lang::Vi).starts_with("chậm 2 giờ"), "{}", behind.fact.of(Lang::Vi));
    }
}
