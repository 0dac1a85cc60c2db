//! How long several links together were in each state: a commune that has two, a site on a ring, a group that meets.

use phusong_model::{LinkState, StateTimes, UtcMs, Window};

use super::{Member, each_piece};

/// Which of the links must work for the whole to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// One is enough, as of two ways to a commune. It is down only while every one is: while one is blind, nobody knows.
    Any,
    /// Each is needed, as of a conference. It is down while one is, and blind while one is that might be down.
    All,
}

impl Need {
    /// Which state stands for the whole, weightiest first.
    const fn order(self) -> [LinkState; 5] {
        match self {
            Self::Any => {
                [LinkState::Up, LinkState::Degraded, LinkState::Blind, LinkState::Maintenance, LinkState::Down]
            }
            Self::All => {
                [LinkState::Down, LinkState::Blind, LinkState::Maintenance, LinkState::Degraded, LinkState::Up]
            }
        }
    }
}

/// Times of several links as one, inside `window`. The five add up to exactly the time in which at least one of them was
/// in the inventory.
#[must_use]
pub fn account_together<'a>(members: impl IntoIterator<Item = Member<'a>>, need: Need, window: Window) -> StateTimes {
    let mut edges: Vec<(UtcMs, LinkState, i32)> = Vec::new();
    for member in members {
        each_piece(member, window, |stretch, state| {
            edges.extend([(stretch.from, state, 1), (stretch.to, state, -1)]);
        });
    }
    // Those of each link are in order: a stable sort merges them.
    edges.sort_by_key(|(at, _, _)| *at);
    let mut times = StateTimes::default();
    let mut present = [0_i32; 5];
    let mut since = window.from;
    for (at, state, step) in edges {
        let shown = need.order().into_iter().find(|state| count(&mut present, *state).is_some_and(|count| *count > 0));
        if let Some(shown) = shown.filter(|_| at > since) {
            times.add(shown, at.since(since));
        }
        since = at;
        if let Some(count) = count(&mut present, state) {
            *count += step;
        }
    }
    times
}

fn count(present: &mut [i32; 5], state: LinkState) -> Option<&mut i32> {
    usize::try_from(state.code()).ok().and_then(|code| present.get_mut(code))
}

#[cfg(test)]
mod tests {
    use phusong_model::Millis;
    use proptest::prelude::*;

    use super::*;
    use crate::account::tests::{span, spans};

    fn works(times: StateTimes) -> [i64; 5] {
        [times.up, times.degraded, times.down, times.blind, times.maintenance].map(|time| time.0)
    }

    #[test]
    fn a_commune_with_two_links_is_down_while_both_are() {
        let window = Window::new(UtcMs(0), UtcMs(100));
        let fibre =
            [span(LinkState::Up, 0, Some(20)), span(LinkState::Down, 20, Some(60)), span(LinkState::Up, 60, None)];
        let broadband = [
            span(LinkState::Up, 0, Some(40)),
            span(LinkState::Down, 40, Some(50)),
            span(LinkState::Blind, 50, Some(70)),
            span(LinkState::Degraded, 70, None),
        ];
        let members = || [Member::new(&fibre, UtcMs(0)), Member::new(&broadband, UtcMs(0))];
        assert_eq!(works(account_together(members(), Need::Any, window)), [80, 0, 10, 10, 0]);
        assert_eq!(works(account_together(members(), Need::All, window)), [20, 30, 40, 10, 0]);
    }

    #[test]
    fn a_link_that_enters_later_is_no_part_before() {
        let window = Window::new(UtcMs(0), UtcMs(100));
        let (old, new) = ([span(LinkState::Up, 0, None)], [span(LinkState::Down, 60, None)]);
        let all = account_together([Member::new(&old, UtcMs(0)), Member::new(&new, UtcMs(60))], Need::All, window);
        assert_eq!(works(all), [60, 0, 40, 0, 0]);
        let none = account_together([Member::new(&new, UtcMs(60))], Need::Any, window);
        assert_eq!(none.total(), Millis(40));
    }

    /// The obvious way: asks at every millisecond for the state of every link that is there.
    fn millisecond_by_millisecond(members: &[Member<'_>], need: Need, window: Window) -> StateTimes {
        let mut times = StateTimes::default();
        for at in window.from.0..window.to.0 {
            let instant = Window::new(UtcMs(at), UtcMs(at + 1));
            let mut states: Vec<LinkState> = Vec::new();
            members.iter().for_each(|member| each_piece(*member, instant, |_, state| states.push(state)));
            let has = |wanted: LinkState| states.contains(&wanted);
            let shown = match need {
                _ if states.is_empty() => continue,
                Need::Any if has(LinkState::Up) => LinkState::Up,
                Need::Any if has(LinkState::Degraded) => LinkState::Degraded,
                Need::All if has(LinkState::Down) => LinkState::Down,
                Need::Any | Need::All if has(LinkState::Blind) => LinkState::Blind,
                Need::Any | Need::All if has(LinkState::Maintenance) => LinkState::Maintenance,
                Need::Any => LinkState::Down,
                Need::All if has(LinkState::Degraded) => LinkState::Degraded,
                Need::All => LinkState::Up,
            };
            times.add(shown, Millis(1));
        }
        times
    }

    proptest! {
        #[test]
        fn every_millisecond_of_several_links_is_counted_once(
            links in prop::collection::vec((spans(), -100_i64..400), 0..4), from in 0_i64..300, length in 0_i64..200,
        ) {
            let window = Window::new(UtcMs(from), UtcMs(from + length));
            let members: Vec<Member<'_>> =
                links.iter().map(|(spans, entered)| Member::new(spans, UtcMs(*entered))).collect();
            for need in [Need::Any, Need::All] {
                let times = account_together(members.iter().copied(), need, window);
                prop_assert_eq!(times, millisecond_by_millisecond(&members, need, window));
            }
        }
    }
}
