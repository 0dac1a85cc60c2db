//! HTML by hand, with one rule: every text passes through [`escape`].

use phusong_model::{glossary::Lang, printable};

const STYLE: &str = "\
:root{color-scheme:light dark;font:15px/1.4 system-ui,sans-serif}body{margin:1rem auto;max-width:80rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #8884;vertical-align:top}th{font-size:.8em}\
.notice{border-left:.3rem solid #c80;padding:.2rem .6rem;margin:.4rem 0}tr.down td:first-child{color:#c22;font-weight:600}\
tr.above td{border-bottom:0}tr.below td{padding-top:0;font-size:.9em}\
tr.degraded td:first-child{color:#b70}tr.blind td:first-child,tr.maintenance td:first-child{color:#777}\
@media print{body{max-width:none}tr{break-inside:avoid}}";

/// How often the page loads itself anew, in seconds: about as often as links are probed.
const REFRESH: u32 = 10;

/// A page that grows from top to bottom.
pub(super) struct Page(String);

impl Page {
    pub(super) fn new(lang: Lang, title: &str) -> Self {
        let (tag, other) = (lang.tag(), lang.of((("en", "English"), ("vi", "Tiếng Việt"))));
        Self(format!(
            "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta http-equiv=\"refresh\" content=\"{REFRESH}\"><title>{}</title><style>{STYLE}</style></head>\
             <body><main><p><a href=\"?lang={}\" hreflang=\"{}\">{}</a></p>",
            escape(title),
            other.0,
            other.0,
            other.1
        ))
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.element("h1", "", text);
    }

    pub(super) fn section(&mut self, text: &str) {
        self.element("h2", "", text);
    }

    pub(super) fn line(&mut self, text: &str) {
        self.element("p", "", text);
    }

    pub(super) fn notice(&mut self, text: &str) {
        self.element("p", "notice", text);
    }

    pub(super) fn table(&mut self, heads: &[&str]) {
        self.0.push_str("<table><thead><tr>");
        for head in heads {
            self.element("th", "", head);
        }
        self.0.push_str("</tr></thead><tbody>");
    }

    /// A row; `class` is one of our own words.
    pub(super) fn row(&mut self, class: &'static str, cells: impl IntoIterator<Item = String>) {
        self.0.push_str(&format!("<tr class=\"{class}\">"));
        for cell in cells {
            self.element("td", "", &cell);
        }
        self.0.push_str("</tr>");
    }

    /// A line of words that belongs to the row above it and is as wide as `columns` of it, behind the first.
    pub(super) fn below(&mut self, columns: usize, text: &str) {
        let text = escape(text);
        self.0.push_str(&format!("<tr class=\"below\"><td></td><td colspan=\"{columns}\">{text}</td></tr>"));
    }

    pub(super) fn end_table(&mut self) {
        self.0.push_str("</tbody></table>");
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</main></body></html>");
        self.0
    }

    fn element(&mut self, name: &'static str, class: &'static str, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.0.push_str(&format!("<{name}{class}>{}</{name}>", escape(text)));
    }
}

/// Text as HTML: what could end a text or an attribute is written as an entity, what could hide is shown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_device_or_a_file_says_becomes_markup() {
        let mut page = Page::new(Lang::En, "</title><script>alert(1)</script>");
        page.below(2, "<script>alert(2)</script>");
        page.row("", ["<img src=x onerror=\"alert('x')\">".to_owned(), "a\u{202e}b".to_owned()]);
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("a\\u{202e}b"));
    }

    #[test]
    fn vietnamese_passes_unchanged() {
        assert_eq!(escape("Đường Thượng"), "Đường Thượng");
    }
}
