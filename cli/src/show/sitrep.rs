//! `phusong sitrep`: numbered paragraphs that an officer pastes into a message.

use phusong_model::{
    answer::{OperatorsLeft, SitrepBody, SitrepCommune, SitrepEvent, SitrepOf, SitrepPart, SitrepRow, StationReports},
    glossary::{self, Term, sitrep_of},
};

use super::{DOT, View, flow};

/// Communes that a paragraph names; the rest is counted, and JSON and CSV have all of them.
const NAMES: usize = 10;

/// Former districts and events that are told one by one.
const ROWS: usize = 8;

/// Below a paragraph's number.
const INDENT: usize = 3;

pub fn lines(body: &SitrepBody, view: &View) -> Vec<String> {
    let parts = [
        title(body, view),
        routes(body, view),
        stations(body, view),
        communes(body, view),
        causes(body, view),
        people(body, view),
        unseen(body, view),
    ];
    parts.concat()
}

fn title(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let name = lang.of(("BÁO CÁO NHANH", "SITUATION REPORT")).to_owned();
    let at = format!("{} (+07)", glossary::instant(lang, body.at));
    let mut lines = view.title([name, body.province.to_uppercase(), at]);
    let before = glossary::instant(lang, body.before);
    let compared =
        lang.pick(format!("So với báo cáo kỳ trước, lúc {before}."), format!("Compared with the report of {before}."));
    lines.extend(flow(compared.split(' '), " ", 0, view.width));
    if body.old {
        let old = lang.of((
            "Số liệu cũ: từ giờ báo cáo đến nay chưa đo được lần nào.",
            "Old figures: nobody has looked since the hour of the report.",
        ));
        lines.extend(flow(old.split(' '), " ", 0, view.width));
    }
    lines
}

/// A paragraph: its head, and facts behind it.
fn paragraph(head: &str, facts: impl IntoIterator<Item = String>, view: &View) -> Vec<String> {
    let mut facts = facts.into_iter();
    let first = facts.next().map_or_else(|| head.to_owned(), |fact| format!("{head}: {fact}"));
    let safe = std::iter::once(first).chain(facts).map(|fact| phusong_model::printable(&fact).into_owned());
    flow(safe, DOT, INDENT, view.width)
}

/// The same below a numbered one; nothing when there are no facts.
fn below(head: &str, facts: Vec<String>, view: &View) -> Vec<String> {
    if facts.is_empty() { Vec::new() } else { paragraph(&format!("{:INDENT$}{head}", ""), facts, view) }
}

fn count(view: &View, number: u64) -> String {
    glossary::integer(view.lang, number)
}

/// `mất kết nối 117/938`, then every other state that there is.
fn states(row: &SitrepRow, view: &View) -> Vec<String> {
    let lang = view.lang;
    let others = [
        (row.counts.degraded, ("suy giảm", "degraded")),
        (row.counts.blind, ("không đo được", "blind")),
        (row.counts.maintenance, ("bảo trì", "maintenance")),
        (row.counts.up, ("hoạt động", "up")),
    ];
    let down = format!("{} {}", lang.of(("mất kết nối", "down")), of_all(row.counts.down, row.total, view));
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    std::iter::once(down)
        .chain(others.map(|(number, term)| format!("{} {}", lang.of(term), count(view, number))))
        .collect()
}

/// `1 commune`, `12 communes`.
fn counted(view: &View, number: u64, one: &str) -> String {
    format!("{} {one}{}", count(view, number), if number == 1 { "" } else { "s" })
}

fn of_all(part: u64, all: u64, view: &View) -> String {
    view.lang.pick(
        format!("{}/{}", count(view, part), count(view, all)),
        format!("{} of {}", count(view, part), count(view, all)),
    )
}

/// `Viettel 75/400 (không đo được 3)`.
fn row(row: &SitrepRow, view: &View) -> String {
    let down = down_of(row.counts.down, row.total, row.counts.blind, view);
    format!("{} {down}", sitrep_of(view.lang, &row.of))
}

/// `75/400 (không đo được 3)`: what is blind is not among what is down.
fn down_of(down: u64, total: u64, blind: u64, view: &View) -> String {
    let blind = match blind {
        0 => String::new(),
        blind => format!(" ({} {})", view.lang.of(("không đo được", "blind")), count(view, blind)),
    };
    format!("{}{blind}", of_all(down, total, view))
}

fn since(part: &SitrepPart, view: &View) -> Vec<String> {
    let change = part.all.change;
    let facts = [
        (change.restored, ("khôi phục", "restored")),
        (change.newly_down, ("mất mới", "newly down")),
        (change.still_down, ("vẫn mất", "still down")),
        (change.found_down, ("mất, kỳ trước chưa đo được", "down, not seen before")),
        (
            change.out_of_sight,
            ("kỳ trước mất, nay không đo được hoặc bảo trì", "was down, now blind or in maintenance"),
        ),
        (change.passed, ("mất rồi đã có lại trong kỳ", "down in between and back")),
    ];
    // What was restored and what is new is asked for every hour, and none of it is an answer too.
    let told = facts.into_iter().enumerate().filter(|(place, (number, _))| *place < 2 || *number > 0);
    let told = told.map(|(_, (number, term))| format!("{} {}", view.lang.of(term), count(view, number)));
    // What nobody saw then is neither restored nor new, and a zero that rests on few says so.
    let all = part.all.total;
    let compared = of_all(change.compared, all, view);
    let base = view.lang.pick(format!("so sánh được {compared}"), format!("{compared} can be compared"));
    told.chain((change.compared < all).then_some(base)).collect()
}

fn since_head(view: &View) -> &'static str {
    view.lang.of(("So với kỳ trước", "Since the report before"))
}

fn routes(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let head = lang.of(("1. Tuyến (cáp quang, tuyến trục)", "1. Routes (fibre links and feeders)"));
    let of = |wanted: fn(&SitrepOf) -> bool| {
        body.routes.rows.iter().filter(|row| wanted(&row.of)).map(|one| row(one, view)).collect::<Vec<String>>()
    };
    let kinds = of(|of| matches!(of, SitrepOf::Kind { .. }));
    let operators = of(|of| matches!(of, SitrepOf::Operator { .. }));
    [
        paragraph(head, states(&body.routes.all, view), view),
        below(lang.of(("Loại", "Kind")), kinds, view),
        below(lang.of(("Nhà mạng", "Operator")), operators, view),
        below(since_head(view), since(&body.routes, view), view),
    ]
    .concat()
}

fn stations(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let part = &body.stations;
    let operators = part.rows.iter().filter(|row| matches!(row.of, SitrepOf::Operator { .. }));
    let operators = operators.map(|one| row(one, view)).collect();
    [
        paragraph(lang.of(("2. Trạm BTS", "2. Base stations")), states(&part.all, view), view),
        below(lang.of(("Nhà mạng", "Operator")), operators, view),
        below(lang.of(("Huyện cũ", "Former district")), districts(part, view), view),
        below(since_head(view), since(part, view), view),
        below(lang.of(("Căn cứ", "Rests on")), basis(&body.reports, view), view),
    ]
    .concat()
}

/// Those with most that is down, and the sum of the rest: what is told adds up.
fn districts(part: &SitrepPart, view: &View) -> Vec<String> {
    let all: Vec<&SitrepRow> = part.rows.iter().filter(|row| matches!(row.of, SitrepOf::District { .. })).collect();
    let troubled = all.iter().take_while(|row| row.counts.down > 0).count();
    let (told, rest) = all.split_at(troubled.min(ROWS));
    let mut facts: Vec<String> = told.iter().map(|one| row(one, view)).collect();
    if !rest.is_empty() {
        let sum = |of: fn(&SitrepRow) -> u64| rest.iter().map(|row| of(row)).sum();
        let down = down_of(sum(|row| row.counts.down), sum(|row| row.total), sum(|row| row.counts.blind), view);
        let number = count(view, rest.len() as u64);
        facts.push(view.lang.pick(format!("nơi khác ({number}) {down}"), format!("others ({number}) {down}")));
    }
    facts
}

fn basis(reports: &StationReports, view: &View) -> Vec<String> {
    let lang = view.lang;
    let old = reports.old_up + reports.old_down;
    let oldest = reports.oldest_counted.map(|at| glossary::moment(lang, at, view.now)).unwrap_or_default();
    let facts = [
        (reports.by_backhaul, lang.of(("theo tuyến truyền dẫn đang đo", "by links that are looked at")).to_owned()),
        (
            reports.by_report,
            lang.pick(
                format!("theo báo cáo của nhà mạng, cũ nhất lúc {oldest}"),
                format!("by operators' reports, the oldest of {oldest}"),
            ),
        ),
        (
            old,
            lang.pick(
                format!(
                    "theo báo cáo quá 12 giờ, tính là không đo được (báo hoạt động {}, báo mất {})",
                    count(view, reports.old_up),
                    count(view, reports.old_down)
                ),
                format!(
                    "by reports older than 12 h, counted as blind (up {}, down {})",
                    count(view, reports.old_up),
                    count(view, reports.old_down)
                ),
            ),
        ),
        (
            reports.never,
            lang.of(("chưa có báo cáo, tính là không đo được", "never reported, counted as blind")).to_owned(),
        ),
    ];
    let told = facts.into_iter().filter(|(number, _)| *number > 0);
    told.map(|(number, what)| format!("{} {what}", count(view, number))).collect()
}

fn communes(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let communes = &body.communes;
    let of_class = |left| communes.classes.iter().filter(|class| class.left == left).map(|class| class.communes).sum();
    let without_station: u64 = of_class(OperatorsLeft::NoStation);
    let head = lang.of(("3. Xã, phường có trạm", "3. Communes with stations"));
    let base = of_all(communes.total.saturating_sub(without_station), communes.total, view);
    let classes = OperatorsLeft::ALL.into_iter().filter_map(|left| {
        let number: u64 = of_class(left);
        let asked = matches!(left, OperatorsLeft::None | OperatorsLeft::WithoutTwo | OperatorsLeft::WithoutOne);
        (asked || number > 0).then(|| format!("{} {}", left.term(lang), count(view, number)))
    });
    // Of an operator whose stations nobody has listed nothing is known, and it may well work.
    let whose = ("chỉ tính nhà mạng có trạm trong danh mục", "by operators whose stations are in the inventory");
    let classes = classes.chain([lang.of(whose).to_owned()]);
    let facts = std::iter::once(base).chain(classes);
    let named = |head: (&'static str, &'static str), wanted: &dyn Fn(&SitrepCommune) -> bool| {
        let of_class: Vec<&SitrepCommune> = communes.items.iter().filter(|item| wanted(item)).collect();
        names(lang.of(head), &of_class, view)
    };
    // Counted among those above, and asked for by itself: none is an answer too.
    let head_of_one = ("Chỉ còn một nhà mạng", "Of these with only one left");
    let one_left = match communes.one_left {
        0 => vec![format!("{:INDENT$}{}: 0", "", lang.of(head_of_one))],
        _ => named(head_of_one, &|item| item.one_left),
    };
    [
        paragraph(head, facts, view),
        named(("Mất sóng mọi nhà mạng", "Without any"), &|item| item.left == OperatorsLeft::None),
        named(("Mất sóng từ hai nhà mạng trở lên", "Without two or more"), &|item| {
            item.left == OperatorsLeft::WithoutTwo
        }),
        one_left,
    ]
    .concat()
}

/// The first by people, and how many more there are.
fn names(head: &str, communes: &[&SitrepCommune], view: &View) -> Vec<String> {
    let number = count(view, communes.len() as u64);
    if communes.is_empty() {
        return Vec::new();
    }
    let mut text = communes.iter().take(NAMES).map(|item| item.commune_name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(more) = communes.len().checked_sub(NAMES).filter(|more| *more > 0) {
        let more = count(view, more as u64);
        text += &view.lang.pick(format!(" và {more} nơi khác"), format!(" and {more} more"));
    }
    indented(&format!("{head} ({number}): {}", phusong_model::printable(&text)), view)
}

/// A sentence broken between words, below a paragraph's number.
fn indented(text: &str, view: &View) -> Vec<String> {
    let room = view.width.saturating_sub(INDENT);
    flow(text.split(' '), " ", 0, room).into_iter().map(|line| format!("{:INDENT$}{line}", "")).collect()
}

fn causes(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let told = |part: &SitrepPart| {
        let facts = part.causes.iter().map(|cause| {
            let behind = match cause.behind {
                0 => String::new(),
                behind => lang.pick(
                    format!(" (trong đó {} do tuyến khác mất kéo theo)", count(view, behind)),
                    format!(" (of these {} behind another)", count(view, behind)),
                ),
            };
            format!("{} {}{behind}", glossary::cause(lang, &cause.cause, None), count(view, cause.down))
        });
        facts.collect::<Vec<String>>()
    };
    [
        vec![lang.of(("4. Nguyên nhân của nơi đang mất", "4. Causes of what is down")).to_owned()],
        below(lang.of(("Tuyến", "Routes")), told(&body.routes), view),
        below(lang.of(("Trạm", "Stations")), told(&body.stations), view),
    ]
    .concat()
}

fn people(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let people = &body.people;
    let number = people.people.map_or_else(|| lang.of(("chưa rõ", "not known")).to_owned(), |n| count(view, n));
    let communes = count(view, people.communes);
    let mut facts = vec![lang.pick(
        format!("{number} người ở {communes} xã, phường"),
        format!("{number} people in {}", counted(view, people.communes, "commune")),
    )];
    if people.communes_unknown > 0 {
        let unknown = count(view, people.communes_unknown);
        facts.push(lang.pick(format!("{unknown} nơi chưa rõ dân số"), format!("of {unknown} the number is not known")));
    }
    let events = count(view, people.events.len() as u64);
    let english = counted(view, people.events.len() as u64, "event");
    facts.push(lang.pick(format!("{events} sự cố"), english));
    let head = lang.of(("5. Dân số nơi có tuyến mất", "5. People where links are down"));
    let mut lines = paragraph(head, facts, view);
    lines.extend(people.events.iter().take(ROWS).flat_map(|item| event(item, view)));
    let rest = people.events.get(ROWS..).unwrap_or_default();
    if !rest.is_empty() {
        let more = count(view, rest.len() as u64);
        let people = count(view, rest.iter().map(|event| event.people_added).sum());
        let text = lang.pick(
            format!("và {more} sự cố khác, thêm {people} người"),
            format!("and {more} more events with {people} more people"),
        );
        lines.extend(indented(&text, view));
    }
    lines
}

/// `feeder-03 (chưa rõ) từ 01:22: 7 tuyến, 6 xã/phường, 24.747 người`.
fn event(item: &SitrepEvent, view: &View) -> Vec<String> {
    let lang = view.lang;
    let who = item.by.as_ref().map(ToString::to_string).or_else(|| item.communes.first().cloned());
    let who = who.unwrap_or_else(|| lang.of(("không rõ nơi", "place not known")).to_owned());
    let cause = glossary::cause(lang, &item.cause, None);
    let (from, links) = (glossary::moment(lang, item.start, view.now), count(view, item.links));
    let communes = count(view, item.communes.len() as u64);
    let people = match item.people {
        Some(_) => lang.pick(
            format!("{} người", count(view, item.people_added)),
            format!("{} people", count(view, item.people_added)),
        ),
        None => lang.of(("chưa rõ dân số", "people not known")).to_owned(),
    };
    let above = if item.people.is_some_and(|all| all > item.people_added) {
        lang.of((" (phần còn lại đã tính ở trên)", " (the rest is counted above)"))
    } else {
        ""
    };
    let text = lang.pick(
        format!("- {who} ({cause}) từ {from}: {links} tuyến các loại, {communes} xã/phường, {people}{above}"),
        format!(
            "- {who} ({cause}) since {from}: {}, {}, {people}{above}",
            counted(view, item.links, "link"),
            counted(view, item.communes.len() as u64, "commune")
        ),
    );
    indented(&phusong_model::printable(&text), view)
}

fn unseen(body: &SitrepBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let told = |head: (&'static str, &'static str), row: &SitrepRow| {
        let blind = of_all(row.counts.blind, row.total, view);
        let share = (row.total > 0).then(|| row.counts.blind as f64 / row.total as f64);
        let share = share.map(|share| format!(" ({})", glossary::percent(lang, share))).unwrap_or_default();
        format!("{} {blind}{share}", lang.of(head))
    };
    let facts = [
        told(("tuyến", "routes"), &body.routes.all),
        told(("trạm", "stations"), &body.stations.all),
        lang.of(("không tính vào mất hay hoạt động", "neither up nor down in any figure")).to_owned(),
    ];
    paragraph(lang.of(("6. Không đo được", "6. Could not be seen")), facts, view)
}
