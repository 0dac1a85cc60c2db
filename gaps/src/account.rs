//! How long a link was in each state.

use phusong_model::{LinkState, Millis, Span, StateTimes, UtcMs, Window};

/// Times of one link inside `window`, from its spans in any order. The five add up to exactly the part of the window
/// since the link `entered` the inventory; an open span lasts to the window's end; time that no span covers is blind,
/// and where spans overlap, which the store never writes, the one that began first counts.
#[must_use]
pub fn account(spans: &[Span], entered: UtcMs, window: Window) -> StateTimes {
    let present = Window::new(window.from.max(entered), window.to);
    let mut times = StateTimes::default();
    if present.is_empty() {
        return times;
    }
    let mut ordered: Vec<&Span> = spans.iter().collect();
    ordered.sort_by_key(|span| span.from);
    let mut counted_to = present.from;
    for span in ordered {
        let part = span.within(present).intersect(Window::new(counted_to, present.to));
        if part.is_empty() {
            continue;
        }
        times.add(LinkState::Blind, part.from.since(counted_to));
        times.add(span.state, part.length());
        counted_to = part.to;
    }
    times.add(LinkState::Blind, present.to.since(counted_to).max(Millis(0)));
    times
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(state: LinkState, from: i64, to: Option<i64>) -> Span {
        let link = "a".parse().expect("id");
        Span { link, state, from: UtcMs(from), to: to.map(UtcMs), cause: None, blind: None, worse: None }
    }

    /// The obvious way: asks of every millisecond which span covers it.
    fn millisecond_by_millisecond(spans: &[Span], entered: UtcMs, window: Window) -> StateTimes {
        let mut ordered: Vec<&Span> = spans.iter().collect();
        ordered.sort_by_key(|span| span.from);
        let mut times = StateTimes::default();
        for instant in window.from.0.max(entered.0)..window.to.0 {
            let covers = |span: &&&Span| span.from.0 <= instant && span.to.is_none_or(|to| instant < to.0);
            let state = ordered.iter().find(covers).map_or(LinkState::Blind, |span| span.state);
            times.add(state, Millis(1));
        }
        times
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let one =
            (prop::sample::select(LinkState::ALL.to_vec()), -50_i64..350, prop::option::weighted(0.9, 0_i64..120));
        let one = one.prop_map(|(state, from, length)| span(state, from, length.map(|length| from + length)));
        prop::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn every_millisecond_is_counted_once(
            spans in spans(), entered in -100_i64..400, from in 0_i64..300, length in 0_i64..300,
        ) {
            let (entered, window) = (UtcMs(entered), Window::new(UtcMs(from), UtcMs(from + length)));
            let times = account(&spans, entered, window);
            prop_assert_eq!(times, millisecond_by_millisecond(&spans, entered, window));
            prop_assert_eq!(times.total(), Window::new(window.from.max(entered), window.to).length());
        }
    }

    #[test]
    fn an_open_outage_counts_and_what_nobody_wrote_is_blind() {
        let window = Window::new(UtcMs(1_000), UtcMs(10_000));
        let spans = [span(LinkState::Down, 7_000, None), span(LinkState::Up, 0, Some(4_000))];
        let times = account(&spans, UtcMs(2_000), window);
        let expected =
            StateTimes { up: Millis(2_000), blind: Millis(3_000), down: Millis(3_000), ..StateTimes::default() };
        assert_eq!(times, expected);
        assert_eq!(account(&spans, UtcMs(20_000), window), StateTimes::default());
    }
}
