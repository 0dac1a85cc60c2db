//! How long a link was in each state.

mod together;

use phusong_model::{LinkState, Span, StateTimes, UtcMs, Window};

pub use together::{Need, account_together};

/// A link as it is accounted.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    spans: &'a [Span],
    entered: UtcMs,
    /// What is known of it ends here: open spans last no longer.
    watched: UtcMs,
}

impl<'a> Member<'a> {
    /// A link with its spans, in any order, and when it entered the inventory.
    #[must_use]
    pub const fn new(spans: &'a [Span], entered: UtcMs) -> Self {
        Self { spans, entered, watched: UtcMs(i64::MAX) }
    }

    /// The same link, of which nothing is known from `until` on: that time is blind.
    #[must_use]
    pub const fn watched(self, until: UtcMs) -> Self {
        Self { watched: until, ..self }
    }
}

/// Times of one link inside `window`, from its spans in any order. The five add up to exactly the part of the window
/// since the link `entered` the inventory; an open span lasts to the window's end; time that no span covers is blind,
/// and where spans overlap, which the store never writes, the one that began first counts.
#[must_use]
pub fn account(spans: &[Span], entered: UtcMs, window: Window) -> StateTimes {
    account_member(Member::new(spans, entered), window)
}

pub(crate) fn account_member(member: Member<'_>, window: Window) -> StateTimes {
    let mut times = StateTimes::default();
    each_piece(member, window, |stretch, state| times.add(state, stretch.length()));
    times
}

/// Cuts the part of the window in which the link was in the inventory into stretches of one state, by time and without
/// holes.
fn each_piece(member: Member<'_>, window: Window, mut piece: impl FnMut(Window, LinkState)) {
    let present = Window::new(window.from.max(member.entered), window.to);
    let watched = present.intersect(Window::new(UtcMs(i64::MIN), member.watched));
    let mut counted_to = present.from;
    let mut take = |span: &Span| {
        let part = span.within(watched).intersect(Window::new(counted_to, watched.to));
        if part.is_empty() {
            return;
        }
        if counted_to < part.from {
            piece(Window::new(counted_to, part.from), LinkState::Blind);
        }
        piece(part, span.state);
        counted_to = part.to;
    };
    // As the store gives them, they are in order already.
    if member.spans.is_sorted_by_key(|span| span.from) {
        member.spans.iter().for_each(take);
    } else {
        let mut ordered: Vec<&Span> = member.spans.iter().collect();
        ordered.sort_by_key(|span| span.from);
        ordered.into_iter().for_each(&mut take);
    }
    if counted_to < present.to {
        piece(Window::new(counted_to, present.to), LinkState::Blind);
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::Millis;
    use proptest::prelude::*;

    use super::*;

    pub(super) fn span(state: LinkState, from: i64, to: Option<i64>) -> Span {
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

    pub(super) fn spans() -> impl Strategy<Value = Vec<Span>> {
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
