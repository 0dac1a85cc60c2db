//! What an import did, in words and tables.

use phusong_model::{
    CoverageSource, ImportLog, ImportVersion, Operator, Technology, UtcMs,
    command::{ForceAnswer, ImportAnswer, ImportOrder},
    glossary::{self, Lang, Term},
};

use crate::{
    paint::Tone,
    show::View,
    table::{Cell, Table, flow},
};

/// Entries of each list of a log that are shown; all are in `--json`.
const SHOWN: usize = 50;

/// What came of an import.
pub fn imported(given: &ImportAnswer, order: &ImportOrder, view: &View) -> Vec<String> {
    let lang = view.lang;
    let kind = order.kind.term(lang);
    // The same file with the same words is no version of its own.
    let is_new = given.version.as_ref().is_some_and(|version| given.before != Some(version.id));
    let mut lines = match &given.version {
        Some(version) if !is_new => view.title([
            format!("{} {}", lang.of(("đã có từ trước: bản", "was in force already: version")), version.id),
            format!("{} ({kind})", version.dataset),
        ]),
        Some(version) => view.title([
            format!("{} {}", lang.of(("đã nhập bản", "imported as version")), version.id),
            format!("{} ({kind})", version.dataset),
        ]),
        None => {
            view.title([lang.of(("chỉ xem, chưa nhập", "only looked at, not imported")).to_owned(), kind.to_owned()])
        }
    };
    lines.extend(view.facts(counts(&given.log, lang)));
    let mut facts: Vec<String> = Vec::from_iter(given.before.filter(|_| is_new).map(|before| match lang {
        Lang::Vi => format!("thay bản {before}"),
        Lang::En => format!("takes the place of version {before}"),
    }));
    if given.version.is_some() {
        facts.push(computed(given.computed, given.fault.as_deref(), view));
    }
    lines.extend(view.facts(facts));
    lines.extend(notes(&given.log, view));
    lines.extend(given.version.as_ref().map(|version| format!("  phusong import log {}", version.id)));
    lines
}

/// What came of putting a version in force.
pub fn forced(given: &ForceAnswer, view: &View) -> Vec<String> {
    let lang = view.lang;
    let now = match &given.version {
        Some(version) => format!("{} {}", lang.of(("có hiệu lực: bản", "in force: version")), version.id),
        None => lang.of(("đã rút khỏi số liệu", "withdrawn")).to_owned(),
    };
    let before = given.before.map(|before| format!("{} {before}", lang.of(("trước đó: bản", "before: version"))));
    let mut lines = view.title([format!("{} ({})", given.dataset, given.kind.term(lang)), now]);
    lines.extend(view.facts(before.into_iter().chain([computed(given.computed, given.fault.as_deref(), view)])));
    lines
}

fn computed(at: Option<UtcMs>, fault: Option<&str>, view: &View) -> String {
    let lang = view.lang;
    match (at, fault) {
        (Some(at), _) => {
            format!(
                "{} {}",
                lang.of(("số liệu tính lại lúc", "figures computed at")),
                glossary::moment(lang, at, view.now)
            )
        }
        (None, Some(fault)) => {
            let fault = glossary::fault_lines(lang, fault);
            format!("{}: {fault}", lang.of(("số liệu chưa tính lại được", "figures are not computed yet")))
        }
        (None, None) => lang
            .of(("phusongd sẽ tính lại số liệu khi khởi động", "phusongd computes the figures when it starts"))
            .to_owned(),
    }
}

/// How much was read, used, guessed and repaired.
fn counts(log: &ImportLog, lang: Lang) -> Vec<String> {
    let number = |n: u64| glossary::integer(lang, n);
    let mut facts = vec![
        format!("{} {}", lang.of(("đọc", "read")), number(log.read)),
        format!("{} {}", lang.of(("dùng", "used")), number(log.used)),
    ];
    let repaired: u64 = log.repairs.iter().map(|repair| repair.count).sum();
    let lists = [
        (("đoán", "guessed"), log.guesses.len() as u64),
        (("sửa hình học", "repaired"), repaired),
        (("ranh giới không khớp", "borders that do not fit"), log.borders.len() as u64),
        (("không liệt kê", "not listed"), log.untold),
    ];
    facts.extend(
        lists.into_iter().filter(|(_, n)| *n > 0).map(|(words, n)| format!("{} {}", lang.of(words), number(n))),
    );
    facts
}

fn notes(log: &ImportLog, view: &View) -> Vec<String> {
    let shown = log.notes.iter().take(SHOWN).map(|note| glossary::fault_text(view.lang, note));
    shown.flat_map(|note| flow(phusong_model::printable(&note).split(' '), " ", 2, view.width)).collect()
}

/// The versions there are.
pub fn list(imports: &[ImportVersion], view: &View) -> Vec<String> {
    let lang = view.lang;
    if imports.is_empty() {
        return vec![lang.of(("chưa nhập tập dữ liệu nào", "no dataset was imported")).to_owned()];
    }
    let mut table = Table::new(vec![
        view.numbers(lang.of(("bản", "version"))),
        view.named(lang.of(("tập dữ liệu", "dataset"))).shrink(9),
        view.named(lang.of(("loại", "kind"))),
        view.named(lang.of(("nguồn", "source"))).drop(6),
        view.named(lang.of(("mạng", "operator"))).drop(5),
        view.named(lang.of(("công nghệ", "technology"))).drop(4),
        view.named(lang.of(("tệp", "file"))).drop(1),
        view.numbers(lang.of(("cỡ", "size"))).drop(0),
        view.named(lang.of(("nhập lúc", "imported"))).drop(7),
        view.named(lang.of(("người nhập", "by"))).drop(3),
        view.named(lang.of(("hiệu lực từ", "in force since"))),
    ]);
    for version in imports {
        let moment = |at: UtcMs| Cell::new(glossary::moment(lang, at, view.now));
        let options = &version.options;
        table.row(vec![
            Cell::new(version.id.to_string()),
            Cell::new(version.dataset.as_str()),
            Cell::new(version.kind.term(lang)),
            cell(options.source.as_ref().map(|source: &CoverageSource| source.term(lang))),
            cell(options.operator.as_ref().map(Operator::label)),
            cell(options.technology.map(Technology::id)),
            Cell::new(version.file.as_str()),
            Cell::new(glossary::bytes(lang, version.bytes)),
            moment(version.at),
            Cell::new(author(&version.author, lang)),
            version.in_force_since.map_or_else(Cell::missing, moment),
        ]);
    }
    view.table(table)
}

fn cell(text: Option<&str>) -> Cell {
    text.map_or_else(Cell::missing, Cell::new)
}

fn author(author: &str, lang: Lang) -> &str {
    if author == phusong_model::CONFIGURATION { lang.of(("cấu hình", "configuration")) } else { author }
}

/// What was guessed and repaired in a version.
pub fn log(import: &ImportVersion, view: &View) -> Vec<String> {
    let lang = view.lang;
    let mut lines = view.title([
        format!("{} {}", lang.of(("bản", "version")), import.id),
        format!("{} ({})", import.dataset, import.kind.term(lang)),
        import.file.clone(),
    ]);
    let at = glossary::moment(lang, import.at, view.now);
    let who = author(&import.author, lang).to_owned();
    lines.extend(view.facts([at, who, import.hash.chars().take(12).collect()]));
    lines.extend(view.facts(counts(&import.log, lang)));
    lines.extend(guesses(&import.log, view));
    lines.extend(repairs(&import.log, view));
    lines.extend(borders(&import.log, view));
    lines.extend(notes(&import.log, view));
    lines
}

fn guesses(log: &ImportLog, view: &View) -> Vec<String> {
    let lang = view.lang;
    let mut table = Table::new(vec![
        view.named(lang.of(("chỗ", "place"))),
        view.named(lang.of(("của", "of"))).shrink(9),
        view.named(lang.of(("viết là", "written"))),
        view.named(lang.of(("lấy là", "taken"))),
        view.named(lang.of(("lý do", "reason"))).shrink(8),
    ]);
    for guess in log.guesses.iter().take(SHOWN) {
        let [place, reason] = [&guess.place, &guess.reason].map(|text| glossary::fault_text(lang, text));
        let texts = [&place, &guess.subject, &guess.written, &guess.taken, &reason];
        table.row(texts.map(|text| Cell::new(text.as_str())).into());
    }
    listed(log.guesses.len(), table, view)
}

fn repairs(log: &ImportLog, view: &View) -> Vec<String> {
    let lang = view.lang;
    let mut table = Table::new(vec![
        view.named(lang.of(("chỗ", "place"))).shrink(9),
        view.named(lang.of(("sửa", "repair"))),
        view.numbers(lang.of(("số lần", "times"))),
        view.numbers(lang.of(("đổi diện tích, m²", "area changed, m²"))),
    ]);
    for repair in log.repairs.iter().take(SHOWN) {
        table.row(vec![
            Cell::new(glossary::fault_text(lang, &repair.place)),
            Cell::new(repair.kind.term(lang)),
            Cell::new(glossary::integer(lang, repair.count)),
            Cell::new(glossary::decimal(lang, repair.area_m2, 1)),
        ]);
    }
    listed(log.repairs.len(), table, view)
}

fn borders(log: &ImportLog, view: &View) -> Vec<String> {
    let lang = view.lang;
    let mut table = Table::new(vec![
        view.named(lang.of(("xã", "communes"))),
        view.numbers(lang.of(("chồng lấn, m²", "overlap, m²"))),
        view.numbers(lang.of(("hở, m²", "gape, m²"))),
        view.named(lang.of(("tại", "at"))),
    ]);
    for border in log.borders.iter().take(SHOWN) {
        let [a, b] = &border.communes;
        table.row(vec![
            Cell::new(format!("{a} – {b}")),
            Cell::new(glossary::decimal(lang, border.overlap_m2, 1)),
            Cell::new(glossary::decimal(lang, border.gape_m2, 1)),
            Cell::new(format!("{:.5} {:.5}", border.at.lon, border.at.lat)),
        ]);
    }
    listed(log.borders.len(), table, view)
}

/// A table and how many rows it does not show; nothing when there are none.
fn listed(count: usize, table: Table, view: &View) -> Vec<String> {
    if count == 0 {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    lines.extend(view.table(table));
    let more = count.saturating_sub(SHOWN);
    if more > 0 {
        let number = glossary::integer(view.lang, more as u64);
        let words = view.lang.of(("mục nữa, xem --json", "more, see --json"));
        lines.push(view.paint.apply(Tone::Faint, &format!("  {number} {words}")));
    }
    lines
}
