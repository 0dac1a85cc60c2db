//! The daemon: whether it answers, soon, of which version it is, and whether its rounds come in time.

use phusong_model::{Millis, ProberHealth, answer::Condition, glossary, printable};

use super::{
    finding::{Finding, Part, Said},
    scene::{Answered, Scene, Site},
};
use crate::failure::told;

/// Of a hundred rounds so many may be late before it is worth a word: a machine that sleeps or copies has some.
const LATE_PERCENT: u64 = 1;

/// Of fewer rounds one that is late says nothing.
const FEW_ROUNDS: u64 = 100;

/// The version of this program.
const OURS: &str = env!("CARGO_PKG_VERSION");

/// Looks at the daemon.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Daemon) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let answered = match &site.daemon {
        Ok(answered) => answered,
        Err(fault) => {
            let (fact, remedy) =
                (Said::by(|lang| told(lang, fault)), Said::by(|lang| site.starter.remedy(lang, fault)));
            return vec![Finding::fault(Part::Daemon, fact, remedy)];
        }
    };
    let prober = answered.health().map(|health| &health.prober);
    let wrong = [
        stale(answered, site),
        prober.and_then(|prober| other_version(prober, site)),
        prober.and_then(|prober| refused_reload(prober, scene)),
        prober.and_then(|prober| late(prober, scene, site)),
    ];
    let findings: Vec<Finding> = wrong.into_iter().flatten().collect();
    if findings.is_empty() { vec![Finding::ok(Part::Daemon, well(answered, scene))] } else { findings }
}

fn well(answered: &Answered, scene: &Scene) -> Said {
    let took = answered.took.as_millis();
    Said::by(|lang| {
        let mut facts = vec![lang.pick(format!("trả lời sau {took} ms"), format!("answers within {took} ms"))];
        if let Some(health) = answered.health() {
            let prober = &health.prober;
            let since = glossary::moment(lang, prober.started, scene.now);
            facts.extend(
                prober
                    .version
                    .as_ref()
                    .map(|version| format!("{} {}", lang.of(("phiên bản", "version")), printable(version))),
            );
            facts.push(lang.pick(format!("chạy từ {since}"), format!("runs since {since}")));
            let late = glossary::integer(lang, prober.late_ticks);
            facts.push(format!("{}: {late}", lang.of(("vòng đo trễ", "late rounds"))));
        }
        facts.join(", ")
    })
}

/// It answers, and looks no more.
fn stale(answered: &Answered, site: &Site) -> Option<Finding> {
    let fact = Said::by(|lang| match answered.answer.data_age_ms {
        Some(age) => {
            let age = glossary::duration(lang, age);
            lang.pick(
                format!("trả lời, nhưng vòng đo cuối cách đây {age}"),
                format!("it answers, but its last tick was {age} ago"),
            )
        }
        None => lang.of(("trả lời, nhưng chưa có vòng đo nào", "it answers, but has not finished a tick")).to_owned(),
    });
    let is_stale = answered.answer.conditions.contains(&Condition::Stale);
    is_stale.then(|| Finding::fault(Part::Daemon, fact, Said::by(|lang| site.starter.look(lang))))
}

/// The programs on the disk are others than those that run: an upgrade that was not finished.
fn other_version(prober: &ProberHealth, site: &Site) -> Option<Finding> {
    let theirs = printable(prober.version.as_deref().unwrap_or("?")).into_owned();
    let fact = Said::new(
        format!("đang chạy phiên bản {theirs}, lệnh này là phiên bản {OURS}"),
        format!("runs version {theirs}, this command is version {OURS}"),
    );
    let remedy = Said::by(|lang| site.starter.restart(lang));
    (prober.version.as_deref() != Some(OURS)).then(|| Finding::warning(Part::Daemon, fact, remedy))
}

/// It runs with what the configuration said before.
fn refused_reload(prober: &ProberHealth, scene: &Scene) -> Option<Finding> {
    let reason = printable(prober.reload_refused.as_deref()?).into_owned();
    let fact = Said::new(
        format!("lần nạp lại cấu hình bị từ chối, cấu hình cũ vẫn chạy: {reason}"),
        format!("a reload was refused, the configuration before it is in force: {reason}"),
    );
    let check = format!("phusongd check --config {} && sudo systemctl reload phusongd", scene.path.display());
    Some(Finding::warning(Part::Daemon, fact, Said::same(check)))
}

/// Rounds that came so late that nothing of them could be believed.
fn late(prober: &ProberHealth, scene: &Scene, site: &Site) -> Option<Finding> {
    let period = Millis(i64::try_from(site.config.icmp.period.0.as_millis()).unwrap_or(i64::MAX));
    let rounds = (scene.now.since(prober.started).0 / period.0.max(1)).max(1).unsigned_abs();
    let fact = Said::by(|lang| {
        let [late, rounds] = [prober.late_ticks, rounds].map(|count| glossary::integer(lang, count));
        lang.pick(
            format!("{late} trong khoảng {rounds} vòng đo bị trễ: máy quá bận hoặc đĩa quá chậm"),
            format!("{late} of some {rounds} rounds came late: this machine is too busy, or its disk too slow"),
        )
    });
    let remedy = Said::words(("xem máy bận vì đâu: top", "see what keeps this machine busy: top"));
    let many = rounds >= FEW_ROUNDS && prober.late_ticks * 100 > rounds * LATE_PERCENT;
    many.then(|| Finding::warning(Part::Daemon, fact, remedy))
}
