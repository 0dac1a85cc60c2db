//! `phusong link LINK`.

use phusong_model::{
    Ack, IfReading, LinkState, Observed,
    answer::{LightItem, LinkBody, LinkItem, OutageItem},
    glossary::{self, Term, Word, sign},
    printable,
};

use unicode_width::UnicodeWidthStr;

use super::{View, flow, outages, parts::tone, spark};

/// Most observations that a screen takes; a line terminal of a provider has thousands of sensors. JSON and CSV have all.
const OBSERVATIONS: usize = 40;

pub fn lines(body: &LinkBody, view: &View) -> Vec<String> {
    let item = &body.link;
    let mut lines = title(item, view);
    lines.extend(state(body, view));
    lines.extend(over_time(body, view));
    lines.extend(echoes(item, view));
    lines.extend(body.interface.iter().flat_map(|reading| interface(reading, view)));
    lines.extend(body.light.iter().flat_map(|light| self::light(light, view)));
    lines.extend(contact(body, view));
    // The link and its commune stand in the title; without the name the table leaves that column out.
    let here = body.outages.iter().cloned().map(|item| OutageItem { commune_name: None, ..item }).collect::<Vec<_>>();
    lines.extend([String::new(), view.heading(view.word(Word::Outages))]);
    lines.extend(outages::lines(&here, &[], (u64::from(item.state == LinkState::Blind), 1), view));
    lines.extend(here.first().map(|outage| evidence(outage, view)).unwrap_or_default());
    lines.extend(
        here.iter().filter_map(|outage| outage.ack.as_ref()).next().map(|ack| noticed(ack, view)).unwrap_or_default(),
    );
    lines.extend([String::new(), view.heading(view.word(Word::Observed))]);
    lines.extend(observations(&body.observations, view));
    lines.push(String::new());
    lines
}

/// What the cause of the newest outage rests on.
fn evidence(outage: &OutageItem, view: &View) -> Vec<String> {
    if outage.evidence.is_empty() {
        return Vec::new();
    }
    let cause = glossary::cause(view.lang, &outage.cause, outage.carrier.as_ref());
    let mut lines = vec![String::new(), view.heading(view.lang.of(("Căn cứ", "Evidence")))];
    let verdict = format!("{cause} ({})", outage.confidence.term(view.lang));
    lines.extend(view.facts([verdict]));
    for clue in &outage.evidence {
        let text = format!(
            "{} {}",
            glossary::moment(view.lang, clue.at, view.now),
            glossary::sign_text(view.lang, &clue.sign)
        );
        let text = format!("  {}", printable(&text));
        lines.extend(flow(text.split(' '), " ", 4, view.width));
    }
    lines
}

/// Who has taken notice of the newest outage of which anybody has.
fn noticed(ack: &Ack, view: &View) -> Vec<String> {
    let head = format!("{}:", view.lang.of(("Đã tiếp nhận", "Acknowledged")));
    let at = glossary::moment(view.lang, ack.at, view.now);
    let who = format!("{head} {} {at}", ack.author);
    view.facts([Some(who), ack.ticket.clone(), ack.note.clone()].into_iter().flatten())
}

fn title(item: &LinkItem, view: &View) -> Vec<String> {
    let name = (item.name != item.link.as_str()).then(|| item.name.clone());
    let kind = item.kind.term(view.lang).to_owned();
    let operator = item.operator.as_ref().map(|operator| operator.label().to_owned());
    let facts = [Some(item.link.to_string()), name, Some(kind), item.commune_name.clone(), operator];
    view.title(facts.into_iter().flatten().chain([item.target.clone()]))
}

/// The state, since when, and why.
fn state(body: &LinkBody, view: &View) -> Vec<String> {
    let item = &body.link;
    let since = format!(
        "{} {} ({})",
        view.lang.of(("từ", "since")),
        glossary::moment(view.lang, item.since, view.now),
        glossary::duration(view.lang, view.now.since(item.since))
    );
    let why = item.cause.as_deref().map(|cause| glossary::cause(view.lang, cause, item.carrier.as_ref()));
    let why = why.or(item.worse.map(|worse| worse.term(view.lang).to_owned()));
    let blind = item.blind.map(|reason| reason.term(view.lang).to_owned());
    let availability = item
        .availability
        .map(|ratio| format!("{} {}", view.word(Word::Availability), glossary::percent(view.lang, ratio)));
    let carriers: Vec<String> = body.upstream.iter().map(ToString::to_string).collect();
    let carried =
        (!carriers.is_empty()).then(|| format!("{} {}", view.lang.of(("đi qua", "carried by")), carriers.join(", ")));
    let state = format!("{} {} {since}", sign(item.state), item.state.term(view.lang));
    let facts = [Some(state), why, blind, availability, carried].into_iter().flatten();
    view.facts(facts).into_iter().map(|line| view.paint.apply(tone(item.state), &line)).collect()
}

/// States, round trips and loss over the window, a sign for each stretch of it, under the same instants.
fn over_time(body: &LinkBody, view: &View) -> Vec<String> {
    let Some((first, last)) = body.strip.first().zip(body.strip.last()) else { return Vec::new() };
    let lang = view.lang;
    let greatest = body.looks.iter().filter_map(|item| item.rtt_median_ms).fold(0.0, f64::max);
    let (sent, lost) = body.looks.iter().fold((0, 0), |sum, item| (sum.0 + item.sent, sum.1 + item.lost));
    let decimals = if greatest < 1.0 { 2 } else { 1 };
    let answered = body.looks.iter().any(|item| item.rtt_median_ms.is_some());
    let round_trips =
        if answered { format!("≤ {} ms", glossary::decimal(lang, greatest, decimals)) } else { String::new() };
    let share = if sent > 0 { glossary::percent(lang, lost as f64 / sent as f64) } else { String::new() };
    let label = lang.of(("trạng thái", "state"));
    // On a narrow screen the newest stretches stay.
    let room = view.width.saturating_sub(label.width() + 2 + round_trips.width().max(share.width()));
    let cut = body.strip.len().saturating_sub(room);
    let strip = body.strip.get(cut..).unwrap_or_default();
    let looks = body.looks.get(cut..).unwrap_or_default();
    let from = strip.first().unwrap_or(first).from;
    let [from, to] = [from, last.to].map(|at| glossary::moment(lang, at, view.now));
    let between = strip.len().saturating_sub(from.width() + to.width());
    let mut rows = vec![(label, spark::states(strip), String::new())];
    if !looks.is_empty() {
        rows.push((lang.of(("trễ", "rtt")), spark::round_trips(looks), round_trips));
        rows.push((lang.of(("mất gói", "loss")), spark::losses(looks), share));
    }
    rows.push(("", format!("{from}{}{to}", " ".repeat(between)), String::new()));
    let line = |(name, marks, told): (&str, String, String)| {
        let pad = " ".repeat(label.width().saturating_sub(name.width()));
        format!("{name}{pad} {marks} {told}").trim_end().to_owned()
    };
    rows.into_iter().map(line).collect()
}

/// The light, how far it is above what the receiver needs, and how long it will do.
fn light(light: &LightItem, view: &View) -> Vec<String> {
    let lang = view.lang;
    let db = |value: f64, decimals: usize| glossary::decimal(lang, value, decimals);
    let assumed = if light.limit_assumed { lang.of((" (giả định)", " (assumed)")) } else { "" };
    let margin = lang.pick(
        format!("dự phòng {} dB trên ngưỡng {} dBm{assumed}", db(light.margin_db, 1), db(light.limit_dbm, 1)),
        format!("margin {} dB above {} dBm{assumed}", db(light.margin_db, 1), db(light.limit_dbm, 1)),
    );
    let change = light.change_db_per_day.map(|change| {
        let month = db(change * 30.0, 1);
        lang.pick(format!("thay đổi {month} dB mỗi 30 ngày"), format!("changes by {month} dB in 30 days"))
    });
    let left = light.days_to_limit.map(|days| {
        let days = glossary::integer(lang, days.max(0.0).round() as u64);
        lang.pick(format!("chạm ngưỡng sau khoảng {days} ngày"), format!("reaches the limit in about {days} days"))
    });
    let head = format!("{}: Rx {} dBm", lang.of(("Quang", "Light")), db(light.rx_dbm, 1));
    view.facts([Some(head), Some(margin), change, left].into_iter().flatten())
}

/// The echoes of the last tick.
fn echoes(item: &LinkItem, view: &View) -> Vec<String> {
    let Some((sent, lost)) = item.sent.zip(item.lost) else { return Vec::new() };
    let counts = format!("ICMP: {} {sent}, {} {lost}", view.word(Word::Sent), view.word(Word::Lost));
    let delays = [
        ("min", item.rtt_min_ms),
        ("median", item.rtt_median_ms),
        ("p95", item.rtt_p95_ms),
        ("max", item.rtt_max_ms),
        (view.word(Word::Jitter), item.jitter_ms),
    ];
    let told =
        |(name, ms): (&str, Option<f64>)| ms.map(|ms| format!("{name} {} ms", glossary::decimal(view.lang, ms, 2)));
    let usual = usual(item, view);
    view.facts([counts].into_iter().chain(delays.into_iter().filter_map(told)).chain(usual))
}

/// What is usual for the link, once that is learned.
fn usual(item: &LinkItem, view: &View) -> Option<String> {
    let rtt = item.usual_rtt_ms.map(|ms| format!("{} ms", glossary::decimal(view.lang, ms, 2)));
    let loss = item.usual_loss.map(|loss| format!("{} {}", view.word(Word::Lost), glossary::percent(view.lang, loss)));
    let told: Vec<String> = rtt.into_iter().chain(loss).collect();
    (!told.is_empty()).then(|| format!("{} {}", view.lang.of(("thường", "usually")), told.join(", ")))
}

/// What SNMP says of the interface at its end.
pub fn interface(reading: &IfReading, view: &View) -> Vec<String> {
    let lang = view.lang;
    let rate = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |bps| glossary::bits_per_second(lang, bps));
    let count = |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |count| glossary::integer(lang, count));
    let pair = |word: Word, values: [Option<u64>; 2]| {
        values.iter().any(Option::is_some).then(|| {
            let [received, sent] = values.map(count);
            format!("{} ↓ {received} ↑ {sent}", view.word(word))
        })
    };
    let traffic = (reading.in_bps.is_some() || reading.out_bps.is_some())
        .then(|| format!("{} ↓ {} ↑ {}", view.word(Word::Traffic), rate(reading.in_bps), rate(reading.out_bps)));
    let power = |name: &str, dbm: Option<phusong_model::Dbm>| {
        dbm.map(|dbm| format!("{name} {} dBm", glossary::decimal(lang, dbm.0, 1)))
    };
    let facts = [
        Some(format!("{}: {}/{}", view.word(Word::Interface), reading.device, reading.ifname)),
        Some(format!("oper {}, admin {}", reading.oper.term(lang), reading.admin.term(lang))),
        reading.speed_bps.map(|bps| glossary::bits_per_second(lang, bps as f64)),
        traffic,
        pair(Word::Errors, [reading.in_err, reading.out_err]),
        pair(Word::Discards, [reading.in_disc, reading.out_disc]),
        power("Rx", reading.rx),
        power("Tx", reading.tx),
        Some(glossary::moment(lang, reading.at, view.now)),
    ];
    view.facts(facts.into_iter().flatten())
}

/// Whom to call, and how many people wait for it.
fn contact(body: &LinkBody, view: &View) -> Vec<String> {
    let told = |word: Word, text: &Option<String>| text.as_ref().map(|text| format!("{} {text}", view.word(word)));
    let contact = &body.contact;
    let people =
        body.people.map(|people| format!("{} {}", glossary::integer(view.lang, people), view.word(Word::People)));
    let facts: Vec<String> = [
        told(Word::Circuit, &contact.circuit),
        told(Word::Phone, &contact.phone),
        told(Word::Duty, &contact.duty),
        people,
    ]
    .into_iter()
    .flatten()
    .collect();
    let Some((first, others)) = facts.split_first() else { return Vec::new() };
    view.facts([format!("{}: {first}", view.word(Word::Contact))].into_iter().chain(others.iter().cloned()))
}

/// Each with its first and last time; in full, because a router's address that is cut is worth nothing.
fn observations(observed: &[Observed], view: &View) -> Vec<String> {
    if observed.is_empty() {
        return vec![view.word(Word::NoObservations).to_owned()];
    }
    let line = |one: &Observed| {
        let [first, last] = [one.first, one.last].map(|at| glossary::moment(view.lang, at, view.now));
        let times = if first == last { last } else { format!("{first}–{last}") };
        view.facts([glossary::seen(view.lang, &one.seen, view.now), times])
    };
    let mut lines: Vec<String> = observed.iter().take(OBSERVATIONS).flat_map(line).collect();
    let left = observed.len().saturating_sub(OBSERVATIONS);
    if left > 0 {
        lines.push(format!("… {left} {}: --json, --csv", view.lang.of(("mục nữa", "more"))));
    }
    lines
}
