//! Where things go: the replicas in InfluxDB and the ways by which people are told. The daemon alone speaks with them;
//! here is what it says.

use phusong_model::{
    ChannelHealth, InfluxHealth,
    glossary::{self, Lang},
    printable,
};

use super::{
    finding::{Finding, Part, Said},
    scene::{Scene, Site},
};

/// What stands between a fault and what to do about it, where the daemon says both.
const HINT: &str = "; hint: ";

/// Each replica.
pub fn look_at_influx(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Influx) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    if site.config.influx.is_empty() {
        return vec![Finding::ok(Part::Influx, Said::words(("không dùng", "none is configured")))];
    }
    match scene.health(Part::Influx) {
        Ok((_, _, health)) => {
            let known: Vec<&str> = health.influx.iter().map(|replica| replica.name.as_str()).collect();
            let named = site.config.influx.iter().map(|influx| influx.name.as_str());
            let untaken = untaken(named, &known).map(|name| {
                not_taken(Part::Influx, &glossary::influx(name), Said::by(|lang| site.starter.restart(lang)))
            });
            health.influx.iter().map(|replica| of_replica(replica, site)).chain(untaken).collect()
        }
        Err(unknown) => unknown,
    }
}

fn of_replica(replica: &InfluxHealth, site: &Site) -> Finding {
    let name = glossary::influx(&replica.name);
    let count = |lang: Lang, number: u64| glossary::integer(lang, number);
    let queued = |lang: Lang| {
        let waiting = count(lang, replica.queued_ticks);
        lang.pick(format!("{name}: {waiting} vòng đo đang chờ"), format!("{name}: {waiting} ticks waiting"))
    };
    if let Some(fault) = &replica.fault {
        let (fault, hint) = split(fault);
        let fact = Said::by(|lang| format!("{}; {fault}", queued(lang)));
        let url = site.config.influx.iter().find(|known| known.name == replica.name).map(|known| known.url.as_str());
        let ping = format!("curl -m 5 -sSi {}/ping", url.unwrap_or_default().trim_end_matches('/'));
        return Finding::warning(Part::Influx, fact, Said::same(hint.unwrap_or(ping)));
    }
    if replica.rejected_lines > 0 {
        let fact = Said::by(|lang| {
            let refused = count(lang, replica.rejected_lines);
            lang.pick(
                format!("{name}: {refused} dòng bị từ chối"),
                format!("{name}: {refused} lines were refused for good"),
            )
        });
        return Finding::warning(Part::Influx, fact, Said::same(format!("phusong influx rejected {}", replica.name)));
    }
    if replica.removed_samples > 0 {
        let fact = Said::by(|lang| {
            let removed = count(lang, replica.removed_samples);
            lang.pick(
                format!("{name}: {removed} mẫu đo bị xóa trước khi gửi được"),
                format!("{name}: {removed} samples were removed before they could be sent"),
            )
        });
        return Finding::warning(Part::Influx, fact, Said::same(format!("phusong influx verify {}", replica.name)));
    }
    Finding::ok(Part::Influx, Said::by(queued))
}

/// Each channel.
pub fn look_at_channels(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Notify) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    if site.config.notify.channel.is_empty() {
        let fact = ("chưa khai báo kênh nào: không ai được báo", "none is configured: nobody is told");
        return vec![Finding::ok(Part::Notify, Said::words(fact))];
    }
    match scene.health(Part::Notify) {
        Ok((_, _, health)) => {
            let known: Vec<&str> = health.notify.iter().map(|channel| channel.channel.as_str()).collect();
            let named = site.config.notify.channel.iter().map(|channel| channel.name.as_str());
            let untaken = untaken(named, &known)
                .map(|name| not_taken(Part::Notify, name, Said::by(|lang| site.starter.reload(lang))));
            health.notify.iter().map(of_channel).chain(untaken).collect()
        }
        Err(unknown) => unknown,
    }
}

/// What the configuration names and the daemon does not speak of.
fn untaken<'n>(named: impl Iterator<Item = &'n str>, known: &[&str]) -> impl Iterator<Item = &'n str> {
    named.filter(|name| !known.contains(name))
}

/// The configuration was written after the daemon read it.
fn not_taken(part: Part, name: &str, remedy: Said) -> Finding {
    let name = printable(name);
    let fact = Said::new(
        format!("{name}: đã khai báo nhưng phusongd chưa nạp"),
        format!("{name}: configured, and phusongd has not taken it yet"),
    );
    Finding::warning(part, fact, remedy)
}

fn of_channel(channel: &ChannelHealth) -> Finding {
    let name = printable(&channel.channel).into_owned();
    let waiting = |lang: Lang| {
        let waiting = glossary::integer(lang, channel.waiting);
        lang.pick(format!("{name}: {waiting} tin đang chờ"), format!("{name}: {waiting} messages waiting"))
    };
    let test = || Said::same(format!("phusong notify test {name}"));
    if let Some(fault) = &channel.fault {
        let (fault, hint) = split(fault);
        let fact = Said::by(|lang| format!("{}; {fault}", waiting(lang)));
        return Finding::warning(Part::Notify, fact, hint.map_or_else(test, Said::same));
    }
    if channel.given_up > 0 {
        let fact = Said::by(|lang| {
            let lost = glossary::integer(lang, channel.given_up);
            lang.pick(
                format!("{name}: đã bỏ {lost} tin không gửi được"),
                format!("{name}: {lost} messages were given up"),
            )
        });
        return Finding::warning(Part::Notify, fact, test());
    }
    Finding::ok(Part::Notify, Said::by(waiting))
}

/// The fault, and what the daemon says to do about it. Servers may have put words into both.
fn split(fault: &str) -> (String, Option<String>) {
    let safe = printable(fault);
    match safe.split_once(HINT) {
        Some((fault, hint)) => (fault.to_owned(), Some(hint.to_owned())),
        None => (safe.into_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::config::ChannelKind;

    use super::*;
    use crate::doctor::finding::Verdict;

    fn channel() -> ChannelHealth {
        ChannelHealth {
            channel: "duty-room".to_owned(),
            kind: ChannelKind::Webhook,
            waiting: 2,
            oldest: None,
            quiet_until: None,
            delivered: 0,
            given_up: 0,
            last: None,
            fault: None,
        }
    }

    #[test]
    fn a_channel_waits_fails_or_has_given_up() {
        assert_eq!(of_channel(&channel()).fact.of(Lang::Vi), "duty-room: 2 tin đang chờ");
        let lost = of_channel(&ChannelHealth { given_up: 3, ..channel() });
        assert_eq!((lost.verdict, lost.fact.of(Lang::En)), (Verdict::Warning, "duty-room: 3 messages were given up"));
        let refused = "refused (401)\u{1b}; hint: put a valid token there".to_owned();
        let failing = of_channel(&ChannelHealth { fault: Some(refused), ..channel() });
        assert_eq!(failing.fact.of(Lang::En), "duty-room: 2 messages waiting; refused (401)\\u{1b}");
        assert_eq!(failing.remedy.expect("a remedy").of(Lang::Vi), "put a valid token there");
        let away = of_channel(&ChannelHealth { fault: Some("cannot be reached".to_owned()), ..channel() });
        assert_eq!(away.remedy.expect("a remedy").of(Lang::En), "phusong notify test duty-room");
    }
}
