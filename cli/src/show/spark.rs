//! Many figures on one line: a sign for each stretch of time.

use phusong_model::{
    LinkState,
    answer::{LooksItem, StripItem},
    glossary::sign,
};

/// From the least to the greatest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Nothing was sent, or we could not look.
const NOTHING: char = ' ';

/// The state of each stretch: a line where it was up, else its sign.
pub fn states(strip: &[StripItem]) -> String {
    let mark = |item: &StripItem| match item.state {
        None => NOTHING,
        Some(LinkState::Up) => '─',
        Some(state @ (LinkState::Degraded | LinkState::Down | LinkState::Blind | LinkState::Maintenance)) => {
            sign(state)
        }
    };
    strip.iter().map(mark).collect()
}

/// The median round trip of each stretch, from nothing to the greatest.
pub fn round_trips(looks: &[LooksItem]) -> String {
    let greatest = looks.iter().filter_map(|item| item.rtt_median_ms).fold(0.0, f64::max);
    looks.iter().map(|item| item.rtt_median_ms.map_or_else(|| silent(item), |ms| bar(ms, greatest))).collect()
}

/// The share that was lost in each stretch; nothing where nothing was.
pub fn losses(looks: &[LooksItem]) -> String {
    let mark = |item: &LooksItem| match (item.sent, item.lost) {
        (0, _) => silent(item),
        (_, 0) => '·',
        (sent, lost) => bar(lost as f64, sent as f64),
    };
    looks.iter().map(mark).collect()
}

/// A stretch without a figure: could we not look, or was there nothing to look at?
const fn silent(item: &LooksItem) -> char {
    match (item.sent, item.blind) {
        (0, 0) => NOTHING,
        (0, _) => sign(LinkState::Blind),
        _ => sign(LinkState::Down),
    }
}

fn bar(value: f64, greatest: f64) -> char {
    let step = if greatest > 0.0 { (value / greatest * BARS.len() as f64).ceil() as usize } else { 1 };
    BARS.get(step.clamp(1, BARS.len()) - 1).copied().unwrap_or(NOTHING)
}

#[cfg(test)]
mod tests {
    use phusong_model::UtcMs;

    use super::*;

    fn looks(sent: u64, lost: u64, blind: u64, rtt: Option<f64>) -> LooksItem {
        LooksItem { from: UtcMs(0), to: UtcMs(1), blind, sent, lost, rtt_median_ms: rtt, rtt_max_ms: rtt }
    }

    #[test]
    fn each_stretch_has_a_sign_that_tells_what_is_known() {
        let all = [
            looks(10, 0, 0, Some(1.0)),
            looks(10, 5, 0, Some(8.0)),
            looks(10, 10, 0, None),
            looks(0, 0, 3, None),
            looks(0, 0, 0, None),
        ];
        assert_eq!(round_trips(&all), "▁█✗? ");
        assert_eq!(losses(&all), "·▄█? ");
        let strip = [LinkState::ALL.map(Some).as_slice(), &[None]].concat();
        let strip: Vec<StripItem> =
            strip.into_iter().map(|state| StripItem { from: UtcMs(0), to: UtcMs(1), state }).collect();
        assert_eq!(states(&strip), "─◐✗?‖ ");
    }
}
