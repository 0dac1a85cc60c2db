//! Numbers as each language writes them: `1.234,5` and `1,234.5`.

use super::Lang;
use crate::Share;

/// Decimals of a percentage; one tenth of a per cent of 124 communes is less than one commune.
const PERCENT_DECIMALS: usize = 1;

/// A whole number with its thousands apart.
#[must_use]
pub fn integer(lang: Lang, value: u64) -> String {
    group(lang, &value.to_string())
}

/// A number with so many decimals; the minus is U+2212.
#[must_use]
pub fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    let minus = if value < 0.0 && !is_zero { "\u{2212}" } else { "" };
    let mut out = format!("{minus}{}", group(lang, whole));
    if !fraction.is_empty() {
        out.push_str(lang.of((",", ".")));
        out.push_str(fraction);
    }
    out
}

/// A count or an amount: without decimals when it is whole, else with one.
#[must_use]
pub fn amount(lang: Lang, value: f64) -> String {
    decimal(lang, value, usize::from(value.fract() != 0.0))
}

/// `97,6 %` and `97.6%`. A share that is not whole never reads 100 %, one that is not nothing never reads 0 %.
#[must_use]
pub fn percent(lang: Lang, ratio: f64) -> String {
    percent_to(lang, ratio, PERCENT_DECIMALS)
}

/// The same with so many decimals: three tell one outage of a minute in a month.
#[must_use]
pub fn percent_to(lang: Lang, ratio: f64, decimals: usize) -> String {
    let value = ratio * 100.0;
    let least = 10f64.powi(-i32::try_from(decimals).unwrap_or(0));
    let (mark, shown) = if value > 0.0 && value < least / 2.0 {
        ("<", least)
    } else if value < 100.0 && value >= 100.0 - least / 2.0 {
        (">", 100.0 - least)
    } else {
        ("", value)
    };
    let decimals = if shown == 100.0 || shown == 0.0 { 0 } else { decimals };
    format!("{mark}{}{}", decimal(lang, shown, decimals), lang.of((" %", "%")))
}

impl Share {
    /// The share as people get it, never without its parts: `121/123 = 98,4 %`.
    #[must_use]
    pub fn display(self, lang: Lang) -> String {
        let parts = format!("{}/{}", amount(lang, self.numerator), amount(lang, self.denominator));
        match self.ratio() {
            Some(ratio) => format!("{parts} = {}", percent(lang, ratio)),
            None => parts,
        }
    }
}

/// A size in powers of 1000, with one decimal from kB on.
#[must_use]
pub fn bytes(lang: Lang, value: u64) -> String {
    let mut size = value as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 1000.0 {
            return format!("{} {unit}", decimal(lang, size, usize::from(unit != "B")));
        }
        size /= 1000.0;
    }
    format!("{} TB", decimal(lang, size, 1))
}

/// A rate in powers of 1000, with one decimal from kbit/s on when it is not whole.
#[must_use]
pub fn bits_per_second(lang: Lang, value: f64) -> String {
    let mut rate = value;
    for unit in ["bit/s", "kbit/s", "Mbit/s"] {
        if rate < 1000.0 {
            return format!("{} {unit}", decimal(lang, rate, usize::from(unit != "bit/s" && rate.fract() != 0.0)));
        }
        rate /= 1000.0;
    }
    format!("{} Gbit/s", amount(lang, rate))
}

fn group(lang: Lang, digits: &str) -> String {
    let separator = lang.of(('.', ','));
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glossary::Lang::{En, Vi};

    #[test]
    fn thousands_and_decimals_follow_the_language() {
        assert_eq!((integer(Vi, 0), integer(Vi, 999), integer(Vi, 1000)), ("0".into(), "999".into(), "1.000".into()));
        assert_eq!((integer(Vi, 1_234_567), integer(En, 1_234_567)), ("1.234.567".into(), "1,234,567".into()));
        assert_eq!((decimal(Vi, 1234.5, 1), decimal(En, 1234.5, 1)), ("1.234,5".into(), "1,234.5".into()));
        assert_eq!((decimal(Vi, -23.41, 1), decimal(En, -0.01, 1)), ("\u{2212}23,4".into(), "0.0".into()));
        assert_eq!((amount(Vi, 12.0), amount(Vi, 5867.26)), ("12".into(), "5.867,3".into()));
        let rates = [0.0, 64_000.0, 1_234_567.0, 1e9].map(|rate| bits_per_second(Vi, rate));
        assert_eq!(rates, ["0 bit/s", "64 kbit/s", "1,2 Mbit/s", "1 Gbit/s"]);
        assert_eq!((bytes(En, 999), bytes(En, 1_260_000)), ("999 B".into(), "1.3 MB".into()));
    }

    #[test]
    fn a_percentage_never_claims_all_or_nothing_wrongly() {
        let of = |n: f64, d: f64| Share { numerator: n, denominator: d, unknown: 0.0 }.display(Vi);
        assert_eq!(of(3711.0, 3802.0), "3.711/3.802 = 97,6 %");
        assert_eq!(of(99_999.0, 100_000.0), "99.999/100.000 = >99,9 %");
        assert_eq!(of(1.0, 100_000.0), "1/100.000 = <0,1 %");
        assert_eq!(of(124.0, 124.0), "124/124 = 100 %");
        assert_eq!(of(0.0, 124.0), "0/124 = 0 %");
        assert_eq!(of(0.0, 0.0), "0/0");
        assert_eq!(percent(En, 0.9759), "97.6%");
    }
}
