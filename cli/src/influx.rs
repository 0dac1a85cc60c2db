//! `phusong influx`: how far the replicas are, and what they refused.

use std::time::Duration;

use phusong_model::{
    Health, UtcMs,
    command::{OrderError, Retried, RetryAnswer, RetryOrder},
    config::{Config, InfluxConfig},
    glossary,
};
use phusong_store::{Reader, Rejected, StoreError};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ask::daemon::{self, Limits, Refusal},
    failure::Failure,
    paint::Tone,
    show::View,
    site::Site,
    table::flow,
};

/// Rejected lines that are shown; a schema that conflicts refuses thousands, and they say the same.
const REJECTED_MOST: usize = 1_000;

/// How long the daemon may send or compare.
const LIMITS: Limits = Limits { head: Duration::from_secs(1_800), whole: Duration::from_secs(1_830) };

/// How all replicas are.
#[derive(Debug, Serialize)]
pub struct Status {
    schema: &'static str,
    replicas: Vec<Replica>,
}

/// How a replica is.
#[derive(Debug, Serialize)]
struct Replica {
    replica: String,
    url: String,
    bucket: String,
    /// Ticks in the store that InfluxDB has not acknowledged.
    queued_ticks: u64,
    /// The oldest of them.
    oldest: Option<UtcMs>,
    /// Lines acknowledged since the daemon started; none when it keeps no account of this replica.
    sent_lines: Option<u64>,
    /// Lines that InfluxDB refused for good.
    rejected_lines: u64,
    /// Rejected lines that somebody gave up, ever.
    given_up_lines: u64,
    /// Samples that the store had to remove before InfluxDB had them.
    removed_samples: u64,
    /// Why nothing moves.
    fault: Option<String>,
}

impl Status {
    /// Queue and refusals from the store, the rest from the account of the daemon.
    pub fn read(config: &Config, health: Option<&Health>) -> Result<Self, Failure> {
        let chosen = chosen(config, None)?;
        let reader = Reader::open(&config.store.folder).map_err(Failure::Store)?;
        let of = |influx: &InfluxConfig| {
            let backlog = reader.backlog(&influx.name)?;
            let account = health.and_then(|health| health.influx.iter().find(|account| account.name == influx.name));
            Ok(Replica {
                replica: influx.name.clone(),
                url: influx.url.clone(),
                bucket: influx.bucket.clone(),
                queued_ticks: backlog.queued_ticks,
                oldest: backlog.oldest,
                sent_lines: account.map(|account| account.sent_lines),
                rejected_lines: backlog.rejected_lines,
                given_up_lines: backlog.given_up_lines,
                removed_samples: backlog.removed_samples,
                fault: account.and_then(|account| account.fault.clone()),
            })
        };
        let replicas = chosen.into_iter().map(of).collect::<Result<_, StoreError>>().map_err(Failure::Store)?;
        Ok(Self { schema: "phusong.influx-status/1", replicas })
    }

    /// Whether anything stands still or was refused.
    pub fn has_findings(&self) -> bool {
        self.replicas.iter().any(|replica| replica.fault.is_some() || replica.rejected_lines > 0)
    }

    /// For people.
    pub fn lines(&self, view: &View) -> Vec<String> {
        let lang = view.lang;
        let mut lines = Vec::new();
        for replica in &self.replicas {
            let number = |count: u64| glossary::integer(lang, count);
            lines.extend(view.title([glossary::influx(&replica.replica), replica.url.clone(), replica.bucket.clone()]));
            let mut facts =
                vec![format!("{}: {}", lang.of(("vòng đo đang chờ", "ticks waiting")), number(replica.queued_ticks))];
            facts.extend(replica.oldest.map(|oldest| {
                format!("{} {}", lang.of(("cũ nhất", "oldest")), glossary::moment(lang, oldest, view.now))
            }));
            facts.extend(
                replica.sent_lines.map(|sent| format!("{}: {}", lang.of(("đã gửi", "lines sent")), number(sent))),
            );
            let refused = number(replica.rejected_lines);
            facts.push(format!("{}: {refused}", lang.of(("bị từ chối", "lines rejected"))));
            if replica.given_up_lines > 0 {
                let given_up = number(replica.given_up_lines);
                facts.push(format!("{}: {given_up}", lang.of(("đã bỏ theo lệnh", "given up by order"))));
            }
            if replica.removed_samples > 0 {
                let removed = number(replica.removed_samples);
                facts
                    .push(format!("{}: {removed}", lang.of(("mẫu đo bị xóa trước khi gửi", "samples removed unsent"))));
            }
            lines.extend(view.facts(facts));
            lines.extend(told(replica.fault.as_deref(), view));
        }
        if self.replicas.iter().any(|replica| replica.rejected_lines > 0) {
            lines.push(view.paint.apply(Tone::Faint, "phusong influx rejected"));
        }
        lines
    }
}

/// Lines that replicas refused for good.
#[derive(Debug, Serialize)]
pub struct Refused {
    schema: &'static str,
    items: Vec<Item>,
    /// How many more there are.
    more: u64,
}

#[derive(Debug, Serialize)]
struct Item {
    replica: String,
    /// Number of the tick in the store.
    tick: i64,
    /// Its time.
    at: Option<UtcMs>,
    /// HTTP status; 0 when it was never sent.
    status: u16,
    message: String,
    line: String,
}

impl Refused {
    /// From the store, whether a daemon runs or not.
    pub fn read(config: &Config, replica: Option<&str>) -> Result<Self, Failure> {
        let chosen = chosen(config, replica)?;
        let read = || -> Result<Self, StoreError> {
            let reader = Reader::open(&config.store.folder)?;
            let (mut items, mut all) = (Vec::new(), 0);
            for influx in chosen {
                all += reader.backlog(&influx.name)?.rejected_lines;
                let room = REJECTED_MOST.saturating_sub(items.len());
                let rejected = reader.rejected(&influx.name, (i64::MIN, ""), room)?;
                items.extend(rejected.into_iter().map(|rejected| Item::of(&influx.name, rejected)));
            }
            let more = all.saturating_sub(items.len() as u64);
            Ok(Self { schema: "phusong.influx-rejected/1", items, more })
        };
        read().map_err(Failure::Store)
    }

    /// Whether there is any.
    pub fn has_findings(&self) -> bool {
        !self.items.is_empty()
    }

    /// For people: what each is about, and below it the line.
    pub fn lines(&self, view: &View) -> Vec<String> {
        let lang = view.lang;
        if self.items.is_empty() {
            return vec![lang.of(("không có dòng nào bị từ chối", "no line is rejected")).to_owned()];
        }
        let mut lines = Vec::new();
        for item in &self.items {
            let at = item.at.map_or_else(|| item.tick.to_string(), |at| glossary::moment(lang, at, view.now));
            let status = match item.status {
                0 => lang.of(("chưa gửi", "never sent")).to_owned(),
                status => status.to_string(),
            };
            lines.extend(view.facts([glossary::influx(&item.replica), at, status, item.message.clone()]));
            // A line may hold what a device says.
            let line = phusong_model::printable(&item.line).into_owned();
            lines.extend(
                flow(line.split(' '), " ", 2, view.width).into_iter().map(|part| view.paint.apply(Tone::Faint, &part)),
            );
        }
        if self.more > 0 {
            let more = glossary::integer(lang, self.more);
            lines.push(format!("{}: {more}", lang.of(("còn nữa", "more"))));
        }
        lines.push(view.paint.apply(Tone::Faint, "phusong influx retry"));
        lines
    }
}

impl Item {
    fn of(replica: &str, Rejected { seq, at, line, status, message }: Rejected) -> Self {
        Self { replica: replica.to_owned(), tick: seq, at, status, message, line }
    }
}

/// The replica of this name; all without one.
fn chosen<'c>(config: &'c Config, replica: Option<&str>) -> Result<Vec<&'c InfluxConfig>, Failure> {
    let refused = |error| Failure::Question { refusal: Refusal::Order(error), conditions: Vec::new() };
    if config.influx.is_empty() {
        return Err(refused(OrderError::NoReplicas));
    }
    let chosen: Vec<_> =
        config.influx.iter().filter(|influx| replica.is_none_or(|replica| influx.name == replica)).collect();
    match replica {
        Some(replica) if chosen.is_empty() => {
            let known = config.influx.iter().map(|influx| influx.name.clone()).collect();
            Err(refused(OrderError::UnknownReplica { replica: replica.to_owned(), known }))
        }
        Some(_) | None => Ok(chosen),
    }
}

/// Has the daemon send again what was refused: it alone has the tokens.
pub fn retry(site: &Site, order: &RetryOrder) -> Result<RetryAnswer, Failure> {
    give(site, "/api/v1/influx/retry", order)
}

/// Has the daemon do what it alone has the tokens for.
pub fn give<T: DeserializeOwned>(site: &Site, path: &str, order: &impl Serialize) -> Result<T, Failure> {
    daemon::order(&site.socket, path, order, LIMITS)
        .map_err(|fault| Failure::NoDaemon { fault, starter: site.starter.clone() })?
        .map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() })
}

/// 0 when no line is left, 1 when some were refused again, 3 when InfluxDB was not there.
pub fn retry_code(answer: &RetryAnswer) -> u8 {
    let away = answer.replicas.iter().any(|retried| retried.fault.is_some());
    let left = |retried: &Retried| retried.refused + retried.unwritable > retried.discarded;
    code(away, answer.replicas.iter().any(left))
}

pub const fn code(away: bool, findings: bool) -> u8 {
    match (away, findings) {
        (true, _) => phusong_gaps::STALE_OR_PARTIAL,
        (false, true) => phusong_gaps::FINDINGS,
        (false, false) => phusong_gaps::ANSWERED,
    }
}

/// What came of sending again.
pub fn retried_lines(answer: &RetryAnswer, view: &View) -> Vec<String> {
    let lang = view.lang;
    let of = |retried: &Retried| {
        let number = |(vi, en), count| format!("{}: {}", lang.of((vi, en)), glossary::integer(lang, count));
        let mut facts = vec![
            glossary::influx(&retried.replica),
            number(("đã nhận", "taken"), retried.taken),
            number(("vẫn bị từ chối", "still refused"), retried.refused),
        ];
        if retried.unwritable > 0 {
            facts.push(number(("không thể gửi", "cannot be sent"), retried.unwritable));
        }
        if retried.discarded > 0 {
            facts.push(number(("đã bỏ theo lệnh", "given up by order"), retried.discarded));
        }
        [view.facts(facts), told(retried.fault.as_deref(), view)].concat()
    };
    answer.replicas.iter().flat_map(of).collect()
}

/// What went wrong, as a remark.
pub fn told(fault: Option<&str>, view: &View) -> Vec<String> {
    let Some(fault) = fault else { return Vec::new() };
    let text = phusong_model::printable(fault).into_owned();
    let lines = flow(format!("! {text}").split(' '), " ", 2, view.width);
    lines.into_iter().map(|line| view.paint.apply(Tone::Warning, &line)).collect()
}
