//! `phusong influx`: how far the replicas are, what they refused, and whether they have what the store has.

use std::{path::Path, time::Duration};

use phusong_model::{
    Health, UtcMs,
    command::{OrderError, Retried, RetryAnswer, RetryOrder, Verified, VerifyAnswer, VerifyOrder},
    config::{Config, InfluxConfig},
    glossary::{self, Head, Lang},
};
use phusong_store::{Reader, Rejected, StoreError};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ask::daemon::{self, Limits, Refusal},
    failure::Failure,
    paint::Tone,
    remedy::Starter,
    show::View,
    table::{Cell, Column, Table, flow},
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
pub fn retry(socket: &Path, starter: Starter, order: &RetryOrder) -> Result<RetryAnswer, Failure> {
    give(socket, starter, "/api/v1/influx/retry", order)
}

/// Has the daemon compare.
pub fn verify(socket: &Path, starter: Starter, order: &VerifyOrder) -> Result<VerifyAnswer, Failure> {
    give(socket, starter, "/api/v1/influx/verify", order)
}

fn give<T: DeserializeOwned>(
    socket: &Path,
    starter: Starter,
    path: &str,
    order: &impl Serialize,
) -> Result<T, Failure> {
    daemon::order(socket, path, order, LIMITS)
        .map_err(|fault| Failure::NoDaemon { fault, starter })?
        .map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() })
}

/// 0 when no line is left, 1 when some were refused again, 3 when InfluxDB was not there.
pub fn retry_code(answer: &RetryAnswer) -> u8 {
    let away = answer.replicas.iter().any(|retried| retried.fault.is_some());
    let left = |retried: &Retried| retried.refused + retried.unwritable > retried.discarded;
    code(away, answer.replicas.iter().any(left))
}

/// 0 when both have the same, 1 when they differ, 3 when InfluxDB could not be asked.
pub fn verify_code(answer: &VerifyAnswer) -> u8 {
    let unasked = answer.replicas.iter().any(|verified| verified.fault.is_some());
    let differs = answer.replicas.iter().any(|verified| verified.differing > 0);
    code(unasked, differs)
}

const fn code(away: bool, findings: bool) -> u8 {
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

/// Each replica beside the store, and where they differ.
pub fn verified_lines(answer: &VerifyAnswer, view: &View) -> Vec<String> {
    answer.replicas.iter().flat_map(|verified| verified_of(verified, view)).collect()
}

/// How much was compared, on one line.
pub fn verified_summary(answer: &VerifyAnswer, lang: Lang) -> String {
    let sum = |of: fn(&Verified) -> u64| glossary::integer(lang, answer.replicas.iter().map(of).sum());
    let (stored, found) = (sum(|verified| verified.stored), sum(|verified| verified.found));
    lang.pick(
        format!("đã đối chiếu {stored} mẫu đo trong kho với {found} điểm trong InfluxDB"),
        format!("compared {stored} samples in the store with {found} points in InfluxDB"),
    )
}

fn verified_of(verified: &Verified, view: &View) -> Vec<String> {
    let lang = view.lang;
    let [from, to] = [verified.window.from, verified.window.to].map(|at| glossary::moment(lang, at, view.now));
    let number = |(vi, en), count| format!("{}: {}", lang.of((vi, en)), glossary::integer(lang, count));
    let mut lines = view.title([glossary::influx(&verified.replica), format!("{from} – {to}")]);
    lines.extend(view.facts([
        number(("mẫu trong kho", "samples in the store"), verified.stored),
        number(("điểm trong InfluxDB", "points in InfluxDB"), verified.found),
        number(("chuỗi-giờ sai lệch", "series and hours that differ"), verified.differing),
    ]));
    if !verified.differences.is_empty() {
        let mut table = Table::new(vec![
            Column::text(lang.of(("GIỜ", "HOUR"))),
            view.text(Head::Link).shrink(10),
            Column::text(lang.of(("CÁCH ĐO", "PROBE"))).drop(0),
            Column::number(lang.of(("KHO", "STORE"))),
            Column::number("INFLUXDB"),
            Column::text(lang.of(("NGHĨA LÀ", "MEANS"))),
        ]);
        for difference in &verified.differences {
            let (stored, found) = (difference.stored, difference.found);
            let means = match stored.checked_sub(found) {
                Some(missing) => number(("thiếu", "missing"), missing),
                None => number(("thừa", "too many"), found - stored),
            };
            table.row(vec![
                Cell::new(glossary::moment(lang, difference.hour, view.now)),
                Cell::new(&difference.link),
                Cell::new(&difference.probe),
                Cell::new(glossary::integer(lang, stored)),
                Cell::new(glossary::integer(lang, found)),
                Cell::new(means).tone(Tone::Warning),
            ]);
        }
        lines.extend(view.table(table));
    }
    let more = verified.differing.saturating_sub(verified.differences.len() as u64);
    if more > 0 {
        lines.push(number(("còn nữa", "more"), more));
    }
    lines.extend(told(verified.fault.as_deref(), view));
    lines
}

/// What went wrong, as a remark.
fn told(fault: Option<&str>, view: &View) -> Vec<String> {
    let Some(fault) = fault else { return Vec::new() };
    let text = phusong_model::printable(fault).into_owned();
    let lines = flow(format!("! {text}").split(' '), " ", 2, view.width);
    lines.into_iter().map(|line| view.paint.apply(Tone::Warning, &line)).collect()
}

#[cfg(test)]
mod tests {
    use phusong_model::{Window, command::Difference};

    use super::*;
    use crate::paint::Paint;

    fn view(lang: Lang) -> View {
        View { lang, width: 80, paint: Paint::Plain, now: UtcMs(1_795_430_000_000) }
    }

    #[test]
    fn what_differs_is_told_in_both_languages() {
        let hour = UtcMs(1_795_420_800_000);
        let difference = |link: &str, stored, found| Difference {
            hour,
            link: link.to_owned(),
            probe: "icmp".to_owned(),
            stored,
            found,
        };
        let verified = Verified {
            replica: "ministry".to_owned(),
            window: Window::new(hour, UtcMs(1_795_424_400_000)),
            stored: 720,
            found: 361,
            differing: 3,
            differences: vec![difference("a", 360, 0), difference("b", 0, 1)],
            fault: None,
        };
        let mut answer = VerifyAnswer { schema: VerifyAnswer::SCHEMA.to_owned(), replicas: vec![verified] };
        assert_eq!(verify_code(&answer), phusong_gaps::FINDINGS);
        let text = verified_lines(&answer, &view(Lang::En)).join("\n");
        for part in ["InfluxDB ministry", "missing: 360", "too many: 1", "more: 1"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let text = verified_lines(&answer, &view(Lang::Vi)).join("\n");
        assert!(text.contains("thiếu: 360") && text.contains("thừa: 1"), "{text}");
        answer.replicas[0].fault = Some("refused \u{1b}[31m".to_owned());
        assert_eq!(verify_code(&answer), phusong_gaps::STALE_OR_PARTIAL);
        assert!(!verified_lines(&answer, &view(Lang::En)).join("").contains('\u{1b}'));
    }
}
