//! `phusong probe LINK|COMMUNE`: the daemon looks now, this program pings the same addresses at the same time by an
//! engine that shares no code with it, and both stand side by side. Our own echoes are told one by one as they come. The
//! daemon's come together at the end: until its round is over a lost echo may still turn out to be one that its own
//! kernel dropped.

use std::{net::IpAddr, path::Path, time::Duration};

use phusong_model::{
    EchoStats, LinkId,
    answer::{
        Answer, AskError, Body, LinkItem, ProbeAnswer, ProbedEcho, ProbedLink, ProbedService, Query, Topic,
        probed_stats,
    },
    glossary::{self, Head, Lang, Term, sign},
};
use phusong_probes::ping::{PingError, PingPlan};
use serde::Serialize;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    ask::daemon::{self, DaemonFault, Limits, Refusal},
    ping::{self, Echo, Pinged},
    remedy,
    show::View,
    table::{Cell, Table},
};

/// A look takes three seconds, and others may be before us.
const LIMITS: Limits = Limits { head: Duration::from_secs(20), whole: Duration::from_secs(25) };

/// As many echoes, as far apart, as the daemon sends on demand.
const PLAN: PingPlan =
    PingPlan { echoes: 5, interval: Duration::from_millis(200), timeout: Duration::from_secs(2), overlapping: true };

/// Links that are pinged from here, as many as the daemon looks at in one question; each takes a socket.
const MOST_LINKS: usize = 64;

const OF_THE_DEMO: (&str, &str) = (
    "bản chạy thử: phusongd bỏ trả lời theo kịch bản, ping từ đây thì luôn có trả lời",
    "demo: phusongd drops replies as its script says, and pings from here are always answered",
);

/// What our own engine gave for one address; it may have had no right to try.
type Here = (IpAddr, Result<Pinged, PingError>);

/// Both columns.
#[derive(Debug)]
pub struct Probed {
    daemon: ProbeAnswer,
    here: Vec<Here>,
}

/// The document of `--json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    #[serde(flatten)]
    daemon: &'a ProbeAnswer,
    /// What this program's own pings gave, by address.
    here: Vec<HereReport<'a>>,
}

#[derive(Debug, Serialize)]
struct HereReport<'a> {
    address: IpAddr,
    echoes: &'a [Echo],
    /// Why this program could not ping.
    error: Option<String>,
}

/// Has the daemon look, and looks too; `on_echo` hears of each echo from here as soon as it is decided. The inner error is
/// an answer as well: no link or commune of that name.
pub fn probe(
    socket: &Path,
    link: Option<&str>,
    commune: Option<&str>,
    on_echo: impl FnMut(&LinkId, u16, &Echo),
) -> Result<Result<Probed, Refusal>, DaemonFault> {
    let (path, links) = match find(socket, link, commune)? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let targets = links.into_iter().take(MOST_LINKS).filter_map(|link| Some((link.link, link.address?))).collect();
    daemon::together(socket, &path, LIMITS, ping_all(targets, on_echo))
        .map(|answer| answer.map(|(daemon, here)| Probed { daemon, here }))
}

/// The line that tells of an echo from here while others are awaited.
pub fn heard(link: &LinkId, number: u16, echo: &Echo, lang: Lang) -> String {
    format!("{link}  {}  {}", number + 1, ping::words(echo, &PLAN, lang))
}

/// The path that asks for it, and the links it is about: the link of that name, else those of the commune of that name.
fn find(
    socket: &Path,
    link: Option<&str>,
    commune: Option<&str>,
) -> Result<Result<(String, Vec<LinkItem>), Refusal>, DaemonFault> {
    let ask = |query: Query| daemon::ask(socket, &query, daemon::LIMITS);
    let own = |text: &str| Some(text.to_owned());
    let Some(link) = link else {
        let Some(commune) = commune else { return Ok(Err(Refusal::Known(AskError::NoLink))) };
        return Ok(ask(Query { commune: own(commune), ..Query::about(Topic::Links) })?
            .map(|answer| (daemon::probe_path("commune", commune), links_of(answer))));
    };
    let no_link = match ask(Query { link: own(link), commune: commune.and_then(own), ..Query::about(Topic::Link) })? {
        Ok(answer) => {
            let links = links_of(answer);
            let id = links.first().map_or_else(String::new, |link| link.link.to_string());
            return Ok(Ok((daemon::probe_path("link", &id), links)));
        }
        Err(no_link) => no_link,
    };
    Ok(match ask(Query { commune: own(link), ..Query::about(Topic::Links) })? {
        Ok(answer) => Ok((daemon::probe_path("commune", link), links_of(answer))),
        // Of the two words the one that says more: several fit.
        Err(several @ Refusal::Known(AskError::AmbiguousCommune { .. })) => Err(several),
        Err(_no_commune) => Err(no_link),
    })
}

fn links_of(answer: Answer) -> Vec<LinkItem> {
    match answer.body {
        Body::Link(body) => vec![body.link],
        Body::Links { items } => items,
        Body::Status(_)
        | Body::Outages { .. }
        | Body::Gaps { .. }
        | Body::Coverage { .. }
        | Body::Contradictions { .. }
        | Body::Commune(_)
        | Body::Indicators { .. }
        | Body::Availability { .. }
        | Body::Maintenance { .. }
        | Body::Notify { .. }
        | Body::Outage(_)
        | Body::Top { .. }
        | Body::Weak(_)
        | Body::Sitrep(_)
        | Body::Ready(_)
        | Body::Tree(_)
        | Body::Path(_) => Vec::new(),
    }
}

/// All addresses at the same time, each by a socket of its own.
async fn ping_all(targets: Vec<(LinkId, IpAddr)>, mut on_echo: impl FnMut(&LinkId, u16, &Echo)) -> Vec<Here> {
    let (told, mut echoes) = mpsc::unbounded_channel();
    let mut running = JoinSet::new();
    for (place, (_, address)) in targets.iter().enumerate() {
        let (told, address) = (told.clone(), *address);
        running.spawn(async move {
            // They are heard until the last of them is told.
            let on_echo = |number, echo: &Echo| drop(told.send((place, number, echo.clone())));
            (place, address, ping::ping(address, &PLAN, |_| {}, on_echo, std::future::pending()).await)
        });
    }
    drop(told);
    while let Some((place, number, echo)) = echoes.recv().await {
        if let Some((link, _)) = targets.get(place) {
            on_echo(link, number, &echo);
        }
    }
    let mut done = Vec::new();
    while let Some(ended) = running.join_next().await {
        done.extend(ended.ok());
    }
    done.sort_by_key(|(place, ..)| *place);
    done.into_iter().map(|(_, address, pinged)| (address, pinged)).collect()
}

impl Probed {
    /// The document for programs.
    pub fn report(&self) -> Report<'_> {
        let here = self.here.iter().map(|(address, pinged)| HereReport {
            address: *address,
            echoes: pinged.as_ref().map_or(&[], |pinged| pinged.echoes.as_slice()),
            error: pinged.as_ref().err().map(|error| crate::failure::chain(error)),
        });
        Report { schema: "phusong.probe/1", daemon: &self.daemon, here: here.collect() }
    }

    /// 0 when the daemon could look, 3 when it could not; with `check` 1 on any loss that it or this program saw. A program
    /// that may not ping is no fault of the link.
    pub fn exit_code(&self, check: bool) -> u8 {
        let attempts = |link: &ProbedLink| link.service.iter().flat_map(|s| s.attempts.clone()).collect::<Vec<_>>();
        let there: Vec<ProbedEcho> =
            self.daemon.items.iter().flat_map(|link| [link.echoes.clone(), attempts(link)].concat()).collect();
        let not_sent = there.iter().any(|echo| matches!(echo, ProbedEcho::NotSent { .. }));
        let lost_there = there.contains(&ProbedEcho::Lost);
        let lost_here = self.here.iter().filter_map(|(_, here)| here.as_ref().ok()).any(|p| p.tally.stats().lost > 0);
        if self.daemon.left_out > 0 || not_sent {
            phusong_gaps::STALE_OR_PARTIAL
        } else if check && (lost_there || lost_here) {
            phusong_gaps::FINDINGS
        } else {
            phusong_gaps::ANSWERED
        }
    }

    /// For people: each link with both columns. Of the demo it is said why they differ.
    pub fn lines(&self, is_demo: bool, view: &View) -> Vec<String> {
        let mut lines = Vec::new();
        for link in &self.daemon.items {
            let here = self.here.iter().find(|(address, _)| Some(*address) == link.address);
            lines.extend(self.link(link, here.map(|(_, pinged)| pinged), view));
            lines.push(String::new());
        }
        if self.daemon.items.is_empty() {
            lines.push(view.lang.of(("không có tuyến nào ở đó", "there is no link there")).to_owned());
        }
        if self.daemon.left_out > 0 {
            let told = view.lang.of(("tuyến không được đo vì quá nhiều", "links were not looked at: too many at once"));
            lines.push(format!("{} {told}", self.daemon.left_out));
        }
        if is_demo {
            lines.extend(view.facts([view.lang.of(OF_THE_DEMO).to_owned()]));
        }
        if let Some(Err(error)) = self.here.iter().map(|(_, pinged)| pinged).find(|pinged| pinged.is_err()) {
            lines.extend(view.facts([remedy::cannot_ping(view.lang, error)]));
        }
        lines
    }

    fn link(&self, link: &ProbedLink, here: Option<&Result<Pinged, PingError>>, view: &View) -> Vec<String> {
        let lang = view.lang;
        let state = format!(
            "{} {} {} {} ({})",
            sign(link.state),
            link.state.term(lang),
            lang.of(("từ", "since")),
            glossary::moment(lang, link.since, view.now),
            glossary::duration(lang, view.now.since(link.since))
        );
        let name = (link.name != link.link.as_str()).then(|| link.name.clone());
        let address = link.address.map(|address| address.to_string());
        let mut lines = view.title([Some(link.link.to_string()), name, address, Some(state)].into_iter().flatten());
        if link.address.is_some() {
            lines.extend(view.table(columns(link, here.and_then(|pinged| pinged.as_ref().ok()), view)));
            lines.extend(self.verdict(link, here, lang).map(str::to_owned));
        }
        lines.extend(link.service.iter().flat_map(|service| of_service(service, view)));
        lines.extend(link.errors.iter().flat_map(|error| view.facts([glossary::icmp_error(lang, error)])));
        lines.extend(link.interface.iter().flat_map(|reading| crate::show::interface(reading, view)));
        lines
    }

    /// Whether the two engines say the same.
    fn verdict(&self, link: &ProbedLink, here: Option<&Result<Pinged, PingError>>, lang: Lang) -> Option<&'static str> {
        let Some(Ok(here)) = here else { return None };
        let EchoStats { sent, lost, .. } = probed_stats(&link.echoes);
        let stats = here.tally.stats();
        if sent == 0 || stats.sent == 0 {
            return None;
        }
        Some(lang.of(match (lost < sent, stats.lost < stats.sent) {
            (true, true) => ("cả hai cùng thấy: có trả lời", "both agree: it answers"),
            (false, false) => ("cả hai cùng thấy: không trả lời", "both agree: nothing comes back"),
            (true, false) | (false, true) => ("HAI BÊN KHÁC NHAU", "THE TWO DIFFER"),
        }))
    }
}

/// One row per echo, and one that sums up.
fn columns(link: &ProbedLink, here: Option<&Pinged>, view: &View) -> Table {
    let lang = view.lang;
    let by_ping = lang.of(("SURGE-PING, TỪ CHƯƠNG TRÌNH NÀY", "SURGE-PING, FROM THIS PROGRAM"));
    let mut heads = vec![view.text(Head::Rank), view.named("PHUSONGD")];
    heads.extend(here.map(|_| view.named(by_ping)));
    let mut table = Table::new(heads);
    let rows = link.echoes.len().max(here.map_or(0, |here| here.echoes.len()));
    for row in 0..rows {
        let mut cells = vec![Cell::new((row + 1).to_string())];
        cells.push(link.echoes.get(row).map_or_else(Cell::missing, |echo| Cell::new(of_daemon(*echo, lang))));
        if let Some(here) = here {
            cells.push(here.echoes.get(row).map_or_else(Cell::missing, |echo| Cell::new(of_ours(echo, lang))));
        }
        table.row(cells);
    }
    let mut sums = vec![Cell::new("Σ"), Cell::new(sum(&probed_stats(&link.echoes), lang))];
    sums.extend(here.map(|here| Cell::new(sum(&here.tally.stats(), lang))));
    table.row(sums);
    table
}

/// What the service gave, attempt by attempt.
fn of_service(service: &ProbedService, view: &View) -> Vec<String> {
    let attempts = service.attempts.iter().map(|attempt| of_daemon(*attempt, view.lang));
    let seen = service.seen.iter().map(|seen| glossary::seen(view.lang, seen, view.now));
    view.facts([service.service.clone(), attempts.collect::<Vec<_>>().join(", ")].into_iter().chain(seen))
}

/// Short enough for two beside each other on 80 columns.
fn sum(stats: &EchoStats, lang: Lang) -> String {
    let lost = format!("{} {}/{}", lang.of(("mất", "lost")), stats.lost, stats.sent);
    match stats.rtt {
        Some(rtt) => format!("{lost}, {} {}", lang.of(("trung vị", "median")), ping::milliseconds(rtt.median, lang)),
        None => lost,
    }
}

fn of_daemon(echo: ProbedEcho, lang: Lang) -> String {
    match echo {
        ProbedEcho::Reply { rtt_us } => ping::milliseconds(rtt_us, lang),
        ProbedEcho::Lost => lang.of(("mất", "lost")).to_owned(),
        ProbedEcho::NotSent { reason } => reason.term(lang).to_owned(),
    }
}

fn of_ours(echo: &Echo, lang: Lang) -> String {
    match echo {
        Echo::Reply { rtt_us, .. } => ping::milliseconds(*rtt_us, lang),
        Echo::Lost => lang.of(("mất", "lost")).to_owned(),
        Echo::Error(error) => format!("{} ({})", lang.of(("mất", "lost")), error.kind.id()),
        Echo::NotSent { .. } => lang.of(("không gửi được", "not sent")).to_owned(),
        Echo::Undecided => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{IcmpMode, LinkState, Micros, UtcMs};
    use phusong_probes::ping::{PingEcho, PingTally};

    use super::*;

    fn answer(echoes: Vec<ProbedEcho>) -> ProbeAnswer {
        let link = ProbedLink {
            link: "fibre-02221".parse().expect("an id"),
            name: "Cáp quang Nà Hang".to_owned(),
            address: "127.1.2.3".parse().ok(),
            state: LinkState::Down,
            since: UtcMs(0),
            echoes,
            errors: Vec::new(),
            service: None,
            interface: None,
        };
        ProbeAnswer { generated: UtcMs(60_000), icmp: IcmpMode::Raw, items: vec![link], left_out: 0 }
    }

    fn here(echoes: &[PingEcho]) -> Vec<Here> {
        let mut tally = PingTally::default();
        (0..).zip(echoes).for_each(|(number, echo)| tally.count(number, echo));
        let pinged = Pinged { mode: IcmpMode::Raw, echoes: echoes.iter().map(Echo::from).collect(), tally };
        vec![("127.1.2.3".parse().expect("an address"), Ok(pinged))]
    }

    fn screen(probed: &Probed, lang: Lang) -> String {
        let view = View { lang, width: 80, paint: crate::paint::Paint::Plain, now: UtcMs(60_000) };
        probed.lines(false, &view).join("\n")
    }

    #[test]
    fn two_engines_stand_side_by_side() {
        let reply = ProbedEcho::Reply { rtt_us: Micros(900) };
        let probed = Probed {
            daemon: answer(vec![reply, ProbedEcho::Lost]),
            here: here(&[PingEcho::Reply { rtt: Micros(1100), ttl: Some(64) }, PingEcho::Lost]),
        };
        insta::assert_snapshot!(
            "side-by-side",
            format!("{}\n{}", screen(&probed, Lang::Vi), screen(&probed, Lang::En))
        );
        assert_eq!((probed.exit_code(false), probed.exit_code(true)), (0, 1));
    }

    #[test]
    fn engines_that_disagree_are_shown_as_such() {
        let probed = Probed {
            daemon: answer(vec![ProbedEcho::Lost]),
            here: here(&[PingEcho::Reply { rtt: Micros(1100), ttl: None }]),
        };
        assert!(screen(&probed, Lang::En).contains("THE TWO DIFFER"));
        let agreed = Probed { daemon: answer(vec![ProbedEcho::Lost]), here: here(&[PingEcho::Lost]) };
        assert!(screen(&agreed, Lang::Vi).contains("cả hai cùng thấy: không trả lời"));
    }

    #[test]
    fn without_the_right_to_ping_the_daemons_column_stands_alone() {
        let address = "127.1.2.3".parse().expect("an address");
        let error = PingError::Socket { address, source: std::io::ErrorKind::PermissionDenied.into() };
        let daemon = answer(vec![ProbedEcho::Reply { rtt_us: Micros(900) }]);
        let probed = Probed { daemon, here: vec![(address, Err(error))] };
        let text = screen(&probed, Lang::En);
        assert!(text.contains("0.900 ms") && !text.contains("SURGE-PING"), "{text}");
        assert!(text.contains("ping_group_range"), "the remedy is shown: {text}");
    }
}
