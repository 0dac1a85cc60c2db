//! The lines above and below the panes: how everything is and who says so; what is typed, said, and which keys there are.

use phusong_model::{
    LinkState,
    answer::Notice,
    glossary::{self, Lang, Term, Word, sign},
    printable,
};
use unicode_width::UnicodeWidthStr;

use super::{
    layout::{COLUMNS, LINES},
    picture::Heard,
    state::{Mode, Noting, Watch},
};
use crate::{
    paint::{Paint, Tone},
    show::{of_state, tone},
    table::{clip, flow},
};

/// Tones are written as codes and become styles where they are drawn, if there is colour.
pub const PAINT: Paint = Paint::Colour;

/// Most lines that a message may take from the panes.
const MESSAGE_LINES: usize = 4;

/// Room for a key beside its explanation.
const KEY_WIDTH: usize = 18;

/// The least of a province's name.
const NAME_LEAST: usize = 6;

/// The lines at the top.
pub fn head(watch: &Watch) -> Vec<String> {
    let mut lines = vec![everything(watch)];
    lines.extend(filtered(watch));
    lines.extend(told(watch));
    lines
}

/// Province, links by state, time. Of a narrow screen the date goes first, then letters of the name.
fn everything(watch: &Watch) -> String {
    let (lang, width) = (watch.lang, usize::from(watch.size.0));
    let counts = watch.picture.counts();
    let of = |state: LinkState| {
        let links = of_state(counts, state);
        let tone = if links > 0 { tone(state) } else { Tone::Faint };
        (format!("{} {}", sign(state), glossary::integer(lang, links)), tone)
    };
    let states = LinkState::ALL.map(of);
    let counted: usize = states.iter().map(|(text, _)| text.width() + 2).sum();
    let instant = glossary::instant(lang, watch.now);
    let time = instant.split(' ').next_back().unwrap_or(&instant).to_owned();
    let room = |clock: &str| width.saturating_sub(counted + clock.width() + 2);
    let name = printable(&watch.picture.province.to_uppercase()).into_owned();
    let whole = format!("{instant} (+07)");
    let clock = if room(&whole) >= name.width().max(NAME_LEAST) { whole } else { time };
    let name = clip(&name, room(&clock).max(NAME_LEAST));
    let states: String = states.iter().map(|(text, tone)| format!("{}  ", PAINT.apply(*tone, text))).collect();
    format!("{}  {states}{clock}", PAINT.apply(Tone::Strong, &name))
}

/// What the filter leaves, while there is one.
fn filtered(watch: &Watch) -> Option<String> {
    if watch.filter.is_empty() {
        return None;
    }
    let (lang, shown) = (watch.lang, &watch.shown);
    let count = |number: usize| glossary::integer(lang, number as u64);
    let english = |number: usize, one: &str| format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" });
    let (links, all) = (count(shown.links.len()), watch.picture.links.len());
    let (communes, events) = (shown.communes(), shown.events.len());
    let text = printable(watch.filter.text().trim()).into_owned();
    let told = lang.pick(
        format!(
            "Đang lọc \"{text}\": {links}/{} tuyến, {} xã/phường, {} sự cố",
            count(all),
            count(communes),
            count(events)
        ),
        format!(
            "Filter \"{text}\": {links} of {}, {}, {}",
            english(all, "link"),
            english(communes, "commune"),
            english(events, "event")
        ),
    );
    Some(PAINT.apply(Tone::Warning, &clip(&told, usize::from(watch.size.0))))
}

/// Who told it, how old it is, and remarks; in as many lines as a missing daemon takes.
fn told(watch: &Watch) -> Vec<String> {
    let (lang, width) = (watch.lang, usize::from(watch.size.0));
    let age = match (watch.picture.age_at(watch.now), lang) {
        (Some(age), Lang::Vi) => format!("dữ liệu cách đây {}", glossary::duration(lang, age)),
        (Some(age), Lang::En) => format!("data {} old", glossary::duration(lang, age)),
        (None, _) => Word::Never.term(lang).to_owned(),
    };
    match &watch.picture.heard {
        Heard::Daemon => {
            let stale = lang.of((" · DỮ LIỆU CŨ", " · STALE"));
            let stale = if watch.picture.stale { stale } else { "" };
            let tone = if watch.picture.stale { Tone::Bad } else { Tone::Faint };
            let source = format!("{}: phusongd · {age}{stale}", Word::Source.term(lang));
            let room = width.saturating_sub(source.width());
            let remarks: String = remarks(watch).iter().map(|remark| format!(" · ! {remark}")).collect();
            vec![PAINT.apply(tone, &source) + &PAINT.apply(Tone::Warning, &clip(&remarks, room))]
        }
        Heard::Store { reason, remedy } => {
            let away = lang
                .of(("phusongd KHÔNG TRẢ LỜI, đang xem kho dữ liệu", "phusongd DOES NOT ANSWER, this is its store"));
            let mut lines = bad_lines(&format!("! {away}, {age}\n{reason}\n{remedy}"), width);
            let remarks = remarks(watch).into_iter().map(|remark| format!("! {remark}")).collect::<Vec<_>>().join("\n");
            lines.extend(message(&remarks, Tone::Warning, width));
            lines
        }
        Heard::Nobody { reason } => {
            let away = lang.of(("KHÔNG ĐỌC ĐƯỢC GÌ MỚI", "NOTHING NEW CAN BE READ"));
            bad_lines(&format!("! {away}, {age}\n{reason}"), width)
        }
    }
}

fn bad_lines(text: &str, width: usize) -> Vec<String> {
    message(text, Tone::Bad, width)
}

/// A message in as few lines as it needs. A line of its own, such as a command, is broken only where it must be.
fn message(text: &str, tone: Tone, width: usize) -> Vec<String> {
    let pieces = text.lines().map(|line| printable(line.trim()).into_owned());
    let lines = flow(pieces, "; ", 2, width);
    lines.iter().take(MESSAGE_LINES).map(|line| PAINT.apply(tone, &clip(line, width))).collect()
}

/// What is remarked about the data that is shown: nothing of coverage, which is not shown here.
fn remarks(watch: &Watch) -> Vec<String> {
    let told = |notice: &&Notice| {
        !matches!(notice, Notice::DaemonAway { .. } | Notice::ApproximateBoundaries | Notice::NoCoverage)
    };
    let text = |notice| printable(&glossary::notice(watch.lang, notice)).into_owned();
    watch.picture.notices.iter().filter(told).map(text).collect()
}

/// That the screen is too small, by how much, and what is left out.
pub fn lack(watch: &Watch) -> Vec<String> {
    let (width, height) = watch.size;
    let (columns, lines) = (COLUMNS.saturating_sub(width), LINES.saturating_sub(height));
    let lang = watch.lang;
    let missing = match (columns, lines) {
        (_, 0) => lang.pick(format!("thiếu {columns} cột"), format!("{columns} columns missing")),
        (0, _) => lang.pick(format!("thiếu {lines} dòng"), format!("{lines} lines missing")),
        (_, _) => lang
            .pick(format!("thiếu {columns} cột, {lines} dòng"), format!("{columns} columns and {lines} lines missing")),
    };
    let text = lang.pick(
        format!("Màn hình {width}×{height}, {missing} (cần {COLUMNS}×{LINES}): chỉ hiện một ô, Tab sang ô khác"),
        format!("Screen {width}×{height}, {missing} of {COLUMNS}×{LINES}: one pane is shown, Tab goes to the next"),
    );
    let flowed = flow(text.split(' '), " ", 2, usize::from(width));
    flowed.into_iter().map(|line| PAINT.apply(Tone::Warning, &clip(&line, usize::from(width)))).collect()
}

/// The lines at the bottom.
pub fn foot(watch: &Watch) -> Vec<String> {
    let (lang, width) = (watch.lang, usize::from(watch.size.0));
    match &watch.mode {
        Mode::Looking => match &watch.said {
            Some(said) => message(&said.text, if said.bad { Tone::Bad } else { Tone::Good }, width),
            None => vec![PAINT.apply(Tone::Faint, &clip(keys(lang), width))],
        },
        Mode::Filtering { .. } => {
            let hint = lang.of((
                "xã, tuyến, nhà mạng, loại, trạng thái; phẩy: thỏa cả hai; Enter giữ, Esc bỏ",
                "commune, link, operator, kind or state; a comma: both; Enter keeps, Esc drops",
            ));
            vec![PAINT.apply(Tone::Faint, &clip(hint, width)), typed("/", watch.filter.text(), width)]
        }
        Mode::Noting(noting) => note(noting, lang, width),
        Mode::Help => vec![PAINT.apply(Tone::Faint, &clip(lang.of(("Esc đóng", "Esc closes")), width))],
    }
}

fn note(noting: &Noting, lang: Lang, width: usize) -> Vec<String> {
    let what = printable(&noting.what).into_owned();
    let hint = if noting.sent {
        lang.pick(format!("Đang gửi: {what}"), format!("Sending: {what}"))
    } else {
        let how = lang.of(("Enter gửi, Esc bỏ", "Enter sends, Esc drops"));
        lang.pick(format!("Tiếp nhận {what}; {how}"), format!("Acknowledge {what}; {how}"))
    };
    let mut lines: Vec<String> = noting.error.iter().flat_map(|error| bad_lines(error, width)).collect();
    lines.push(PAINT.apply(Tone::Faint, &clip(&hint, width)));
    lines.push(typed(lang.of(("Ghi chú: ", "Note: ")), &noting.text, width));
    lines
}

/// A line that is typed: its end is seen, with room for the cursor.
fn typed(label: &str, text: &str, width: usize) -> String {
    let text = printable(text).into_owned();
    let room = width.saturating_sub(label.width() + 1);
    let mut shown = text.as_str();
    while shown.width() > room {
        let mut letters = shown.chars();
        letters.next();
        shown = letters.as_str();
    }
    PAINT.apply(Tone::Strong, label) + shown
}

const fn keys(lang: Lang) -> &'static str {
    lang.of((
        "? trợ giúp · q thoát · Tab ô khác · Enter mở · Esc lùi · / lọc · a tiếp nhận",
        "? help · q quit · Tab next · Enter open · Esc back · / filter · a acknowledge",
    ))
}

/// The explanations of `?`; how to leave stands first, for screens on which the rest has no room.
pub fn help(lang: Lang, width: usize) -> Vec<String> {
    let keys = [
        ("q, Ctrl-C", "thoát", "quit"),
        ("↑ ↓ ← →, h j k l", "chọn", "choose"),
        (
            "PgUp PgDn Home End",
            "lùi hoặc tiến một trang, về đầu, về cuối",
            "a page up or down, to the first, to the last",
        ),
        ("Tab, Shift-Tab", "sang ô sau, về ô trước", "next pane, pane before"),
        ("Enter", "mở sự cố, xã hoặc tuyến đang chọn", "open the event, commune or link that is chosen"),
        ("Esc", "lùi một bước; ở danh sách thì bỏ lọc", "back; in a list it takes the filter away"),
        ("/", "lọc theo xã, tuyến, nhà mạng, loại, trạng thái", "filter by commune, link, operator, kind, state"),
        ("", "không cần dấu, ví dụ: na hang, mất", "without accents, as in: na hang, down"),
        ("a", "tiếp nhận sự cố kèm ghi chú, như phusong ack", "acknowledge the event with a note, as phusong ack does"),
        ("Ctrl-L", "vẽ lại màn hình", "paint the screen anew"),
    ];
    let mut lines = vec![PAINT.apply(Tone::Strong, lang.of(("PHÍM", "KEYS")))];
    for (key, vi, en) in keys {
        let words = flow(lang.of((vi, en)).split(' '), " ", 0, width.saturating_sub(KEY_WIDTH + 3));
        for (place, part) in words.iter().enumerate() {
            let key = if place == 0 { key } else { "" };
            lines.push(format!("  {} {part}", PAINT.apply(Tone::Strong, &format!("{key:<KEY_WIDTH$}"))));
        }
    }
    lines.push(String::new());
    lines.push(PAINT.apply(Tone::Strong, lang.of(("KÝ HIỆU", "SIGNS"))));
    let states = LinkState::ALL.map(|state| PAINT.apply(tone(state), &format!("{} {}", sign(state), state.term(lang))));
    lines.push(format!("  {}", states.join("   ")));
    lines.push(lang.of(("  ✓ đã có người tiếp nhận sự cố", "  ✓ somebody has taken notice of the event")).to_owned());
    lines.push(format!(
        "  {}",
        lang.of((
            "Ô của xã mang trạng thái xấu nhất trong các tuyến của xã.",
            "A commune's cell has the worst state of its links."
        ))
    ));
    lines
}
