//! Whatever happens to a daemon and its links, the accounts of links, sites, communes and groups are those that one gets by
//! counting milliseconds.

mod cells;
mod daemon;
mod history;

use std::collections::BTreeMap;

use cells::{Cells, all_of, any_of};
use daemon::Daemon;
use history::history;
use phusong_model::{
    Evidence, LinkId, LinkState, Millis, Span, StateTimes, UtcMs, Window,
    answer::{AccountBy, AvailabilityItem, Body, Counted, Query, Source, Topic, Whose},
};
use proptest::prelude::*;

use super::scenario::BEGIN;
use crate::account;

/// Who asks in the next minute and a half; until then the store may have grown stale.
const ASKED_WITHIN: i64 = 90_000;

/// Windows may reach so far beyond the history.
const MARGIN: Millis = Millis(20_000);

/// Where a window begins or ends: at a part of the whole stretch, or at an edge of some span, or a little beside it.
type Place = (f64, Option<(prop::sample::Index, i64)>);

fn place() -> impl Strategy<Value = Place> {
    (0.0..1.0, prop::option::weighted(0.4, (any::<prop::sample::Index>(), -1_i64..=1)))
}

fn instant((part, edge): &Place, edges: &[UtcMs], stretch: Window) -> UtcMs {
    match edge {
        Some((index, beside)) if !edges.is_empty() => edges[index.index(edges.len())].plus(Millis(*beside)),
        Some(_) | None => stretch.from.plus(Millis((stretch.length().0 as f64 * part) as i64)),
    }
}

fn rows(evidence: &Evidence, by: AccountBy) -> Vec<AvailabilityItem> {
    let query = Query { by: Some(by), ..Query::about(Topic::Availability) };
    let answer = crate::answer(evidence, &query, Source::Daemon).expect("an answer");
    let Body::Availability { items, .. } = answer.body else { panic!("no account") };
    items
}

fn spans_of(evidence: &Evidence) -> BTreeMap<LinkId, Vec<Span>> {
    let mut spans: BTreeMap<LinkId, Vec<Span>> = BTreeMap::new();
    for span in &evidence.spans {
        spans.entry(span.link.clone()).or_default().push(span.clone());
    }
    spans
}

/// What is accounted together: whose row it is, how, and of which links.
const SITES: [(&str, &[&str]); 3] = [
    ("ring", &["fibre-1", "fibre-2"]),
    ("bts-00001", &["fibre-1", "broadband-1", "backhaul-1"]),
    ("bts-00002", &["fibre-2", "broadband-2"]),
];
const GROUPS: [(&str, &[&str]); 2] =
    [("meeting", &["fibre-1", "fibre-2", "broadband-2"]), ("backbone", &["feed", "backhaul-1"])];

/// Fibre and broadband stand for a commune, and other links only where it has neither.
fn connecting(code: &str, cells: &Cells) -> Vec<&'static str> {
    let (main, other): (&[&str], &[&str]) = if code == "00001" {
        (&["fibre-1", "broadband-1"], &["backhaul-1"])
    } else {
        (&["fibre-2", "broadband-2"], &[])
    };
    let is_here = |name: &&str| cells.links().any(|link| link.as_str() == *name);
    let here: Vec<&str> = main.iter().copied().filter(is_here).collect();
    if here.is_empty() { other.to_vec() } else { here }
}

/// The accounts of several links together by counting, and those of the answer.
fn compare_together(evidence: &Evidence, cells: &Cells, by: AccountBy) -> Result<(), TestCaseError> {
    let mut expected: Vec<(String, Counted, StateTimes)> = Vec::new();
    let mut expect = |name: &str, counted, links: &[&str], joined| {
        let row = cells.together(links, joined);
        expected.extend(row.map(|row| (name.to_owned(), counted, cells.count(&row, evidence.window))));
    };
    match by {
        AccountBy::Commune => {
            for code in ["00001", "00002"] {
                expect(code, Counted::Any, &connecting(code, cells), any_of);
            }
        }
        AccountBy::Site => SITES.iter().for_each(|(name, links)| expect(name, Counted::Any, links, any_of)),
        AccountBy::Group => GROUPS.iter().for_each(|(name, links)| expect(name, Counted::All, links, all_of)),
        AccountBy::Link => {}
    }
    let mut found = rows(evidence, by);
    if by == AccountBy::Group {
        let added = found.iter().filter(|item| item.counted == Counted::Added);
        for item in added {
            let (_, links) = GROUPS.iter().find(|(name, _)| *name == item.name).expect("a group");
            let of = |link: &&str| cells.links().find(|id| id.as_str() == *link);
            let sum: StateTimes =
                links.iter().filter_map(of).map(|id| cells.count(cells.of(id), evidence.window)).sum();
            prop_assert_eq!(item.times_ms, sum, "{} added up", item.name);
        }
        found.retain(|item| item.counted == Counted::All);
    }
    let mut found: Vec<_> = found.into_iter().map(|item| (item.name, item.counted, item.times_ms)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    prop_assert_eq!(found, expected, "by {:?} in {:?}", by, evidence.window);
    Ok(())
}

/// The account of each link alone: of its spans, which last into the time to come, and of the answer, which knows when
/// the last tick was.
fn compare_links(evidence: &Evidence, last: &Cells, known: &Cells) -> Result<(), TestCaseError> {
    let window = evidence.window;
    let spans = spans_of(evidence);
    for now in &evidence.links {
        let times = account(spans.get(&now.link).map_or(&[], Vec::as_slice), now.entered, window);
        prop_assert_eq!(times, last.count(last.of(&now.link), window), "{} in {:?}", &now.link, window);
        prop_assert_eq!(times.total(), Window::new(window.from.max(now.entered), window.to).length());
    }
    let found: Vec<(Whose, StateTimes)> =
        rows(evidence, AccountBy::Link).into_iter().map(|item| (item.whose, item.times_ms)).collect();
    let of = |link: &phusong_model::Link| {
        let link = link.id.clone();
        let times = known.count(known.of(&link), window);
        (Whose::Link { link }, times)
    };
    let expected: Vec<(Whose, StateTimes)> = evidence.inventory.links.iter().map(of).collect();
    prop_assert_eq!(found, expected, "in {:?}", window);
    Ok(())
}

/// Milliseconds of a link are *maintenance* while work on it is announced, and only then, whatever the link shows.
fn compare_work(daemon: &Daemon, cells: &Cells, stretch: Window) -> Result<(), TestCaseError> {
    let place = |at: UtcMs| at.since(stretch.from).0.max(0) as usize;
    let told = place(daemon.told_until());
    for link in &daemon.inventory().links {
        let row = &cells.of(&link.id)[..told];
        // None where either will do.
        let mut announced: Vec<Option<bool>> = vec![Some(false); row.len()];
        for announcement in &daemon.announcements {
            let from = place(announcement.from).min(told);
            announced[from..].fill(Some(false));
            for work in announcement.work.iter().filter(|work| work.scope.touches(link)) {
                for window in work.windows(stretch) {
                    let [begin, end] = [window.from, window.to].map(|at| place(at).clamp(from, told));
                    announced[begin..end].fill(Some(true));
                }
            }
            announced[place(announcement.maybe_from).min(from)..from].fill(None);
        }
        let wrong = row.iter().zip(&announced).position(|(state, announced)| {
            state.zip(*announced).is_some_and(|(state, announced)| (state == LinkState::Maintenance) != announced)
        });
        let wrong = wrong.map(|at| (stretch.from.plus(Millis(at as i64)), row[at], announced[at]));
        prop_assert_eq!(wrong, None, "{}", &link.id);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn accounts_are_those_of_counting_milliseconds(
        (period, events) in history(),
        windows in prop::collection::vec((place(), place()), 4),
        asked in 0..ASKED_WITHIN,
    ) {
        let mut daemon = Daemon::start(period);
        events.iter().for_each(|event| daemon.meets(event));
        let latest = daemon.vouched().map_or(daemon.wall(), |vouched| vouched.max(daemon.wall()));
        let now = latest.plus(Millis(asked));
        let stretch = Window::new(BEGIN.minus(MARGIN), now.plus(MARGIN));
        let last = Cells::paint(&daemon.told, stretch);
        let mut known = Cells::paint(&daemon.told, stretch);
        // An answer is stale after three periods, and half a minute at least: what was known last holds no longer.
        let vouched = daemon.vouched().map_or(BEGIN.minus(MARGIN), |vouched| {
            let age = now.since(vouched.minus(period));
            if age > Millis(30_000).max(Millis(3 * period.0)) { vouched } else { now }
        });
        known.forget_after(vouched);
        compare_work(&daemon, &last, stretch)?;
        let whole = daemon.evidence(stretch, now);
        let edges: Vec<UtcMs> = whole.spans.iter().flat_map(|span| [Some(span.from), span.to]).flatten().collect();
        for (a, b) in &windows {
            let (a, b) = (instant(a, &edges, stretch), instant(b, &edges, stretch));
            let evidence = daemon.evidence(Window::new(a.min(b), a.max(b)), now);
            compare_links(&evidence, &last, &known)?;
            for by in [AccountBy::Commune, AccountBy::Site, AccountBy::Group] {
                compare_together(&evidence, &known, by)?;
            }
        }
    }
}
