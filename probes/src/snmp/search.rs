//! When a device is searched for its interfaces again. Pure.

/// Polls after which interfaces that were not found are looked for again, although the device shows no change: not every
/// agent keeps `ifTableLastChange`.
const UNTIL_MISSING: u32 = 10;
/// Polls without a wish after which a device counts as calm, and its next change is followed at once.
const CALM: u32 = 10;
/// Most polls between two searches: an hour at the usual minute.
const MOST_PAUSE: u32 = 60;

/// Holds back searches of a device that wants one at every poll: an agent that counts `ifTableLastChange` up, or one whose
/// walk never comes to its end. Meanwhile it is asked by the indexes that are known, and every row shows its name, so that
/// nothing wrong is believed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searches {
    /// Polls since the last search.
    since: u32,
    /// Polls that must pass after it.
    pause: u32,
    /// The device has shown a change that no search has followed yet.
    wanted: bool,
}

impl Searches {
    /// Of a device that was never searched.
    pub(super) const fn none() -> Self {
        Self { since: u32::MAX, pause: 0, wanted: false }
    }

    /// A poll begins.
    pub(super) const fn poll(&mut self) {
        self.since = self.since.saturating_add(1);
    }

    /// The device shows that its interfaces may have other places now. It stays so until the next search.
    pub(super) const fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether to search now, for a change or because names are `absent`; `complete` when the last search left nothing out.
    pub(super) const fn due(&self, absent: bool, complete: bool) -> bool {
        let unfinished = absent && !complete;
        let overdue = absent && self.since >= UNTIL_MISSING;
        (self.since >= self.pause && (self.wanted || unfinished)) || (complete && overdue)
    }

    /// A search is made, one that a change or an unfinished search asked for, or one to look for what is missing.
    pub(super) fn made(&mut self) {
        let calm = self.since >= self.pause.saturating_add(CALM);
        self.pause = if calm { 1 } else { (self.pause * 2).clamp(1, MOST_PAUSE) };
        (self.since, self.wanted) = (0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The polls out of so many in which a device was searched that wants it in each.
    fn searches_of(polls: u32, absent: bool, complete: bool, wants: bool) -> Vec<u32> {
        let mut searches = Searches::none();
        let mut made = Vec::new();
        for poll in 0..polls {
            searches.poll();
            if wants {
                searches.want();
            }
            if searches.due(absent, complete) {
                searches.made();
                made.push(poll);
            }
        }
        made
    }

    #[test]
    fn a_device_that_always_wants_a_search_is_searched_ever_more_rarely() {
        let made = searches_of(600, false, true, true);
        assert_eq!(made[..8], [0, 1, 3, 7, 15, 31, 63, 123]);
        assert_eq!(made.last(), Some(&543), "then once in {MOST_PAUSE} polls: {made:?}");
        assert_eq!(searches_of(600, true, false, false), made, "and so is one that is never searched to its end");
    }

    #[test]
    fn a_device_that_was_calm_is_followed_at_once() {
        let mut searches = Searches::none();
        for _ in 0..3 {
            searches.poll();
            searches.want();
            assert!(searches.due(false, true));
            searches.made();
            (0..CALM + 1).for_each(|_| searches.poll());
        }
    }

    #[test]
    fn a_change_is_not_forgotten_while_it_waits() {
        let mut searches = Searches::none();
        for _ in 0..4 {
            searches.poll();
            searches.want();
            if searches.due(false, true) {
                searches.made();
            }
        }
        searches.want();
        let waited = (0..)
            .take_while(|_| !{
                searches.poll();
                searches.due(false, true)
            })
            .count();
        assert_eq!(waited, 3, "it comes although the device says nothing more");
    }

    #[test]
    fn what_is_missing_is_looked_for_now_and_then() {
        assert_eq!(searches_of(35, true, true, false), [0, 10, 20, 30]);
        assert!(searches_of(35, false, true, false).is_empty());
    }
}
