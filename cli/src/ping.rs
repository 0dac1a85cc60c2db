//! `phusong ping TARGET`: echoes from this program by an engine that shares no code with the daemon's. It only reads: the
//! daemon or the store tells the address of a link, and an address needs neither.

use std::{cell::RefCell, collections::BTreeMap, io::Write, net::IpAddr, time::Duration};

use clap::Args;
use phusong_model::{
    EchoStats, IcmpError, IcmpMode, LinkId, Micros, RttSummary,
    config::Seconds,
    glossary::{self, Lang, Term},
    printable,
};
use phusong_probes::ping::{PingEcho, PingError, PingPlan, PingTally, Pinger};
use serde::Serialize;
use tokio::sync::Notify;

use crate::failure::Failure;

#[derive(Debug, Args)]
pub struct PingArguments {
    /// An address, or a link's id or name; several words need no quotes
    #[arg(value_name = "TARGET", required = true)]
    name: Vec<String>,

    /// How many echoes
    #[arg(short, long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,

    /// From one echo to the next
    #[arg(short, long, value_name = "TIME", default_value = "1s", value_parser = pause)]
    interval: Seconds,

    /// How long a reply is waited for
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = wait)]
    timeout: Seconds,
}

impl PingArguments {
    /// Whom.
    pub fn target(&self) -> String {
        self.name.join(" ")
    }

    /// How.
    pub fn plan(&self) -> PingPlan {
        PingPlan { echoes: self.count, interval: self.interval.0, timeout: self.timeout.0, overlapping: false }
    }
}

fn pause(text: &str) -> Result<Seconds, String> {
    bounded(text, LEAST_INTERVAL)
}

fn wait(text: &str) -> Result<Seconds, String> {
    bounded(text, Duration::from_millis(1))
}

fn bounded(text: &str, least: Duration) -> Result<Seconds, String> {
    let length = Seconds::try_from(text.to_owned())?;
    if length.0 < least || length.0 > LONGEST {
        return Err(format!("between {} and {}", String::from(Seconds(least)), String::from(Seconds(LONGEST))));
    }
    Ok(length)
}

/// Longest pause or wait; nobody sits before a screen for longer.
const LONGEST: Duration = Duration::from_secs(60);

/// Exit code when every echo was sent and none came back: no answer.
pub const SILENT: u8 = 4;

/// Whom to ping.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address.
    pub address: IpAddr,
    /// The link it belongs to, when one was named.
    pub link: Option<LinkId>,
}

/// One echo, as programs get it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "echo")]
pub enum Echo {
    /// An echo reply.
    Reply {
        /// How long it took.
        rtt_us: Micros,
        /// The time to live it came with, where the socket tells.
        ttl: Option<u8>,
    },
    /// A router's word in place of a reply.
    Error(IcmpError),
    /// Nothing came back in time.
    Lost,
    /// It was not sent.
    NotSent {
        /// What the kernel said.
        reason: String,
    },
    /// Something else came that quotes it; whether a reply came too is not known.
    Undecided,
}

impl From<&PingEcho> for Echo {
    fn from(echo: &PingEcho) -> Self {
        match echo {
            PingEcho::Reply { rtt, ttl } => Self::Reply { rtt_us: *rtt, ttl: *ttl },
            PingEcho::Error(error) => Self::Error(*error),
            PingEcho::Lost => Self::Lost,
            PingEcho::NotSent(error) => Self::NotSent { reason: error.to_string() },
            PingEcho::Undecided { .. } => Self::Undecided,
        }
    }
}

/// The document of `--json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    target: IpAddr,
    link: Option<LinkId>,
    icmp: IcmpMode,
    echoes: Vec<Echo>,
    sent: u16,
    lost: u16,
    /// Echoes that prove nothing.
    blind: u16,
    rtt_us: Option<RttSummary>,
}

/// What pinging gave.
#[derive(Debug)]
pub struct Pinged {
    /// The kind of socket.
    pub mode: IcmpMode,
    /// Each echo.
    pub echoes: Vec<Echo>,
    /// Their account.
    pub tally: PingTally,
}

impl Pinged {
    /// The document for programs.
    pub fn report(&self, target: &Target) -> Report {
        let stats = self.tally.stats();
        Report {
            schema: "phusong.ping/1",
            target: target.address,
            link: target.link.clone(),
            icmp: self.mode,
            echoes: self.echoes.clone(),
            sent: stats.sent,
            lost: stats.lost,
            blind: self.tally.blind(),
            rtt_us: stats.rtt,
        }
    }

    /// 0 when something came back, 4 when nothing did, 3 when that may be our own fault; with `check` 1 on any loss.
    pub fn exit_code(&self, check: bool) -> u8 {
        let stats = self.tally.stats();
        if self.tally.blind() > 0 {
            phusong_gaps::STALE_OR_PARTIAL
        } else if stats.lost == stats.sent {
            SILENT
        } else if check && stats.lost > 0 {
            phusong_gaps::FINDINGS
        } else {
            phusong_gaps::ANSWERED
        }
    }
}

/// Pings one target; each echo is handed out as soon as it is decided. `stop` ends it with what there is.
pub async fn ping(
    address: IpAddr,
    plan: &PingPlan,
    mut opened: impl FnMut(IcmpMode),
    mut on_echo: impl FnMut(u16, &Echo),
    stop: impl Future<Output = ()>,
) -> Result<Pinged, PingError> {
    let pinger = Pinger::open(address).await?;
    let mode = pinger.mode();
    opened(mode);
    let (mut echoes, mut tally) = (BTreeMap::new(), PingTally::default());
    let run = pinger.run(plan, |number, echo| {
        tally.count(number, &echo);
        let echo = Echo::from(&echo);
        on_echo(number, &echo);
        echoes.insert(number, echo);
    });
    tokio::select! {
        _ = run => {}
        () = stop => {}
    }
    Ok(Pinged { mode, echoes: echoes.into_values().collect(), tally })
}

/// Until Control-C; for ever where it cannot be listened for, and then it ends the process.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Pings, and prints every echo as it comes. Who reads no further wants no more of them.
pub fn stream(target: &Target, plan: &PingPlan, lang: Lang, out: &mut dyn Write) -> Result<Pinged, Failure> {
    let runtime = runtime()?;
    let nobody_reads = Notify::new();
    let printed = RefCell::new((out, Ok(())));
    let print = |text: String| {
        let (out, written) = &mut *printed.borrow_mut();
        if written.is_ok() {
            *written = writeln!(out, "{}", printable(&text)).and_then(|()| out.flush());
        }
        if written.is_err() {
            nobody_reads.notify_one();
        }
    };
    let opened = |mode| print(head(target, mode, lang));
    let on_echo = |number, echo: &Echo| print(format!("{:>4}  {}", number + 1, words(echo, plan, lang)));
    let stop = async {
        tokio::select! {
            () = interrupted() => {}
            () = nobody_reads.notified() => {}
        }
    };
    let pinged = runtime.block_on(ping(target.address, plan, opened, on_echo, stop)).map_err(Failure::Ping)?;
    print(summary(&pinged.tally.stats(), pinged.tally.blind(), lang));
    printed.into_inner().1.map_err(Failure::Output)?;
    Ok(pinged)
}

/// Pings without a word, for programs.
pub fn silent(target: &Target, plan: &PingPlan) -> Result<Pinged, Failure> {
    runtime()?.block_on(ping(target.address, plan, |_| {}, |_, _| {}, interrupted())).map_err(Failure::Ping)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Output)
}

fn head(target: &Target, mode: IcmpMode, lang: Lang) -> String {
    let link = target.link.as_ref().map_or_else(String::new, |link| format!(" ({link})"));
    let sees = match mode {
        IcmpMode::Raw => "",
        IcmpMode::Datagram | IcmpMode::None => {
            lang.of(("; loại socket này không thấy lỗi ICMP", "; this kind of socket sees no ICMP errors"))
        }
    };
    format!("PING {}{link}: surge-ping, {}{sees}", target.address, mode.term(lang))
}

/// What became of an echo.
pub fn words(echo: &Echo, plan: &PingPlan, lang: Lang) -> String {
    match echo {
        Echo::Reply { rtt_us, ttl } => {
            let ttl = ttl.map_or_else(String::new, |ttl| format!("  ttl {ttl}"));
            format!("{}{ttl}", milliseconds(*rtt_us, lang))
        }
        Echo::Error(error) => glossary::icmp_error(lang, error),
        Echo::Lost => {
            let limit = String::from(Seconds(plan.timeout));
            format!("{} {limit}", lang.of(("không có trả lời trong", "no reply within")))
        }
        Echo::NotSent { reason } => format!("{}: {reason}", lang.of(("không gửi được", "not sent"))),
        Echo::Undecided => lang.of(("không xác định được", "cannot be told")).to_owned(),
    }
}

/// A round-trip time in milliseconds.
pub fn milliseconds(rtt: Micros, lang: Lang) -> String {
    format!("{} ms", glossary::decimal(lang, rtt.as_millis_f64(), 3))
}

/// The account of all echoes.
pub fn summary(stats: &EchoStats, blind: u16, lang: Lang) -> String {
    let EchoStats { sent, lost, rtt } = stats;
    let ratio = f64::from(*lost) / f64::from((*sent).max(1));
    let lost = format!("{} {lost} ({})", lang.of(("mất", "lost")), glossary::percent(lang, ratio));
    let mut text = format!("{} {sent}, {lost}", lang.of(("gửi", "sent")));
    if blind > 0 {
        text.push_str(&format!(", {} {blind}", lang.of(("không đo được", "blind"))));
    }
    if let Some(rtt) = rtt {
        let [min, median, p95, max] =
            [rtt.min, rtt.median, rtt.p95, rtt.max].map(|rtt| glossary::decimal(lang, rtt.as_millis_f64(), 3));
        let jitter = milliseconds(rtt.jitter, lang);
        let (heads, word) = lang.of((("min/trung vị/p95/max", "biến thiên"), ("min/median/p95/max", "jitter")));
        text.push_str(&format!(" · {heads} {min}/{median}/{p95}/{max} ms · {word} {jitter}"));
    }
    text
}

/// Least pause between echoes: less is a flood, which is no question to a network in trouble.
pub const LEAST_INTERVAL: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn pinged(echoes: &[PingEcho]) -> Pinged {
        let mut tally = PingTally::default();
        (0..).zip(echoes).for_each(|(number, echo)| tally.count(number, echo));
        Pinged { mode: IcmpMode::Raw, echoes: echoes.iter().map(Echo::from).collect(), tally }
    }

    fn reply() -> PingEcho {
        PingEcho::Reply { rtt: Micros(1234), ttl: Some(64) }
    }

    #[test]
    fn the_shell_is_told_what_came_back() {
        let codes = |echoes: &[PingEcho]| (pinged(echoes).exit_code(false), pinged(echoes).exit_code(true));
        assert_eq!(codes(&[reply(), reply()]), (0, 0));
        assert_eq!(codes(&[reply(), PingEcho::Lost]), (0, 1), "any loss is a finding");
        assert_eq!(codes(&[PingEcho::Lost]), (4, 4), "no answer");
        let refused = PingEcho::NotSent(std::io::ErrorKind::NetworkUnreachable.into());
        assert_eq!(codes(&[refused, PingEcho::Lost]), (3, 3), "it may be our own fault");
    }

    #[test]
    fn every_echo_has_its_line_in_both_languages() {
        let plan = PingPlan {
            echoes: 1,
            interval: Duration::from_secs(1),
            timeout: Duration::from_millis(1500),
            overlapping: false,
        };
        let told = |echo: &PingEcho, lang| words(&Echo::from(echo), &plan, lang);
        assert_eq!(told(&reply(), Lang::Vi), "1,234 ms  ttl 64");
        assert_eq!(told(&PingEcho::Lost, Lang::En), "no reply within 1500ms");
        let stats = pinged(&[reply(), PingEcho::Lost]).tally.stats();
        let line = "sent 2, lost 1 (50.0%) · min/median/p95/max 1.234/1.234/1.234/1.234 ms · jitter 0.000 ms";
        assert_eq!(summary(&stats, 0, Lang::En), line);
        assert_eq!(
            summary(&EchoStats { sent: 1, lost: 1, rtt: None }, 2, Lang::Vi),
            "gửi 1, mất 1 (100 %), không đo được 2"
        );
    }
}
