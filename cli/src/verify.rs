//! `phusong influx verify`: whether the replicas have what the store has. The daemon compares some hours at a time, so that
//! it can be told how far it is.

use phusong_model::{
    Millis, UtcMs, Window,
    command::{Verified, VerifyAnswer, VerifyOrder},
    glossary::{self, Head, Lang},
};

use crate::{
    failure::Failure,
    influx::{code, give, told},
    paint::Tone,
    progress::{Length, Meter, What},
    show::View,
    site::Site,
    table::{Cell, Column, Table},
};

const HOUR: i64 = 3_600_000;

/// What is compared when nobody says since when.
const USUAL: Millis = Millis(24 * HOUR);

/// So many steps a long window is compared in; a short one has a step for each hour.
const STEPS: i64 = 48;

/// Differences that are told one by one.
const TOLD_MOST: usize = 200;

/// What is done meanwhile.
pub const COMPARING: What = ("đang đối chiếu với InfluxDB", "comparing with InfluxDB");

/// Has the daemon compare, step by step. Who could not be asked once is not asked for the rest.
pub fn verify(site: &Site, order: &VerifyOrder, now: UtcMs, meter: &Meter) -> Result<VerifyAnswer, Failure> {
    let until = order.until.unwrap_or(now);
    let since = order.since.unwrap_or_else(|| until.minus(USUAL)).min(until);
    let steps = steps(Window::new(since, until));
    meter.turn_to(COMPARING, Length::Things(steps.len() as u64));
    let mut whole = VerifyAnswer { schema: VerifyAnswer::SCHEMA.to_owned(), replicas: Vec::new() };
    for (done, step) in (1..).zip(steps) {
        let asked = to_ask(order, &whole);
        if asked.is_empty() {
            break;
        }
        for replica in asked {
            let part = VerifyOrder { replica, since: Some(step.from), until: Some(step.to) };
            add(&mut whole, give(site, "/api/v1/influx/verify", &part)?);
        }
        meter.at(done);
    }
    Ok(whole)
}

/// Whom to ask next: at first whoever was ordered, which may be all; then each that could be asked so far.
fn to_ask(order: &VerifyOrder, whole: &VerifyAnswer) -> Vec<Option<String>> {
    if whole.replicas.is_empty() {
        return vec![order.replica.clone()];
    }
    let answering = whole.replicas.iter().filter(|verified| verified.fault.is_none());
    answering.map(|verified| Some(verified.replica.clone())).collect()
}

/// The window in steps of whole hours; its first hour may have begun before it. An empty one is one step.
fn steps(window: Window) -> Vec<Window> {
    let hours = window.length().0.div_euclid(HOUR) + 1;
    let step = (hours + STEPS - 1).div_euclid(STEPS) * HOUR;
    let begin = |at: UtcMs| UtcMs(at.0 - at.0.rem_euclid(HOUR));
    let mut steps = Vec::new();
    let mut from = window.from;
    loop {
        let to = UtcMs(begin(from).0 + step).min(window.to);
        steps.push(Window::new(from, to));
        if to >= window.to {
            return steps;
        }
        from = to;
    }
}

/// Adds what a step gave. A replica that could not be asked keeps what it gave before.
fn add(whole: &mut VerifyAnswer, part: VerifyAnswer) {
    for new in part.replicas {
        match whole.replicas.iter_mut().find(|known| known.replica == new.replica) {
            None => whole.replicas.push(new),
            Some(known) if known.fault.is_none() => {
                if !new.window.is_empty() {
                    known.window = Window::new(known.window.from.min(new.window.from), new.window.to);
                }
                known.stored += new.stored;
                known.found += new.found;
                known.differing += new.differing;
                let room = TOLD_MOST.saturating_sub(known.differences.len());
                known.differences.extend(new.differences.into_iter().take(room));
                known.fault = new.fault;
            }
            Some(_) => {}
        }
    }
}

/// 0 when both have the same, 1 when they differ, 3 when InfluxDB could not be asked.
pub fn exit_code(answer: &VerifyAnswer) -> u8 {
    let unasked = answer.replicas.iter().any(|verified| verified.fault.is_some());
    let differs = answer.replicas.iter().any(|verified| verified.differing > 0);
    code(unasked, differs)
}

/// Each replica beside the store, and where they differ.
pub fn lines(answer: &VerifyAnswer, view: &View) -> Vec<String> {
    answer.replicas.iter().flat_map(|verified| of_replica(verified, view)).collect()
}

/// How much was compared, on one line.
pub fn summary(answer: &VerifyAnswer, lang: Lang) -> String {
    let sum = |of: fn(&Verified) -> u64| glossary::integer(lang, answer.replicas.iter().map(of).sum());
    let (stored, found) = (sum(|verified| verified.stored), sum(|verified| verified.found));
    lang.pick(
        format!("đã đối chiếu {stored} mẫu đo trong kho với {found} điểm trong InfluxDB"),
        format!("compared {stored} samples in the store with {found} points in InfluxDB"),
    )
}

fn of_replica(verified: &Verified, view: &View) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use phusong_model::{Window, command::Difference};

    use super::*;
    use crate::paint::Paint;

    fn view(lang: Lang) -> View {
        View { lang, width: 80, paint: Paint::Plain, now: UtcMs(1_795_430_000_000) }
    }

    #[test]
    fn a_window_is_compared_in_whole_hours_and_none_twice() {
        let at = |minutes: i64| UtcMs(1_795_420_800_000 + minutes * 60_000);
        let of = |from: i64, to: i64| -> Vec<(UtcMs, UtcMs)> {
            steps(Window::new(at(from), at(to))).into_iter().map(|step| (step.from, step.to)).collect()
        };
        assert_eq!(of(30, 150), [(at(30), at(60)), (at(60), at(120)), (at(120), at(150))]);
        assert_eq!(of(60, 60), [(at(60), at(60))]);
        assert_eq!(of(60, 120), [(at(60), at(120))]);
        let long = of(7, 93 * 24 * 60);
        assert!(long.len() <= 49, "{}", long.len());
        assert!(long.windows(2).all(|two| two[0].1 == two[1].0 && two[0].1.0 % HOUR == 0));
        assert_eq!((long[0].0, long[long.len() - 1].1), (at(7), at(93 * 24 * 60)));
    }

    #[test]
    fn steps_add_up_until_one_cannot_be_asked() {
        let verified = |from, to, fault: Option<&str>| Verified {
            replica: "ministry".to_owned(),
            window: Window::new(UtcMs(from), UtcMs(to)),
            stored: 10,
            found: 9,
            differing: 1,
            differences: Vec::new(),
            fault: fault.map(str::to_owned),
        };
        let mut whole = VerifyAnswer { schema: VerifyAnswer::SCHEMA.to_owned(), replicas: Vec::new() };
        let part = |verified| VerifyAnswer { schema: String::new(), replicas: vec![verified] };
        add(&mut whole, part(verified(0, HOUR, None)));
        add(&mut whole, part(verified(HOUR, 2 * HOUR, None)));
        let empty = Verified { stored: 0, found: 0, differing: 0, ..verified(3 * HOUR, 3 * HOUR, None) };
        add(&mut whole, part(empty));
        let replica = &whole.replicas[0];
        assert_eq!((replica.stored, replica.differing, replica.window.to), (20, 2, UtcMs(2 * HOUR)));
        let order = VerifyOrder::default();
        assert_eq!(to_ask(&order, &whole), [Some("ministry".to_owned())]);
        add(&mut whole, part(verified(2 * HOUR, 2 * HOUR, Some("away"))));
        assert_eq!(to_ask(&order, &whole), [], "who could not be asked once is not asked again");
        add(&mut whole, part(verified(3 * HOUR, 4 * HOUR, None)));
        assert_eq!((whole.replicas[0].stored, whole.replicas[0].fault.as_deref()), (30, Some("away")));
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
        assert_eq!(exit_code(&answer), phusong_gaps::FINDINGS);
        let text = lines(&answer, &view(Lang::En)).join("\n");
        for part in ["InfluxDB ministry", "missing: 360", "too many: 1", "more: 1"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let text = lines(&answer, &view(Lang::Vi)).join("\n");
        assert!(text.contains("thiếu: 360") && text.contains("thừa: 1"), "{text}");
        answer.replicas[0].fault = Some("refused \u{1b}[31m".to_owned());
        assert_eq!(exit_code(&answer), phusong_gaps::STALE_OR_PARTIAL);
        assert!(!lines(&answer, &view(Lang::En)).join("").contains('\u{1b}'));
    }
}
