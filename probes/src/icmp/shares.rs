//! How much of our receive buffer one source may take.
//!
//! A host that answers each echo a thousand times, or somebody who forges its address, fills the queue that the replies
//! of all others need. Whoever sends more refused packets than its share is shut out by the receive filter until the
//! round ends. Its own unanswered echoes are then blind: we did not listen to it.

use std::{collections::HashMap, net::IpAddr};

/// Refused packets of one source in one round. A host that doubles every reply of the longest round stays far below;
/// the receive buffer holds more than twice as many, so that one flood cannot fill it before it is noticed.
const SHARE: u32 = 4096;

/// Sources that are counted: memory for 1.5 MB of forged addresses, and no more. A flood from more sources than these
/// can only overflow the queue, which makes blind whom it hits.
const MOST_SOURCES: usize = 1 << 14;

/// Sources that can be shut out at once. Each costs every packet two to eight instructions of the filter.
const MOST_SHUT_OUT: usize = 64;

/// The account of one round.
#[derive(Debug, Default)]
pub(super) struct Shares {
    refused: HashMap<IpAddr, u32>,
    shut_out: Vec<IpAddr>,
}

impl Shares {
    /// Counts a refused packet. Whether its source has just used up its share and is to be shut out.
    pub(super) fn exceeds(&mut self, source: IpAddr) -> bool {
        if !self.refused.contains_key(&source) && self.refused.len() >= MOST_SOURCES {
            return false;
        }
        let count = self.refused.entry(source).or_default();
        *count = count.saturating_add(1);
        let exceeds = *count > SHARE && self.shut_out.len() < MOST_SHUT_OUT && !self.shut_out.contains(&source);
        if exceeds {
            self.shut_out.push(source);
        }
        exceeds
    }

    /// Who is shut out.
    pub(super) fn shut_out(&self) -> &[IpAddr] {
        &self.shut_out
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn source(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn a_source_is_shut_out_once_when_its_share_is_used_up() {
        let mut shares = Shares::default();
        let exceeded: Vec<u32> = (0..3 * SHARE).filter(|_| shares.exceeds(source(1))).collect();
        assert_eq!(exceeded, [SHARE]);
        assert!(!shares.exceeds(source(2)));
        assert_eq!(shares.shut_out(), [source(1)]);
    }

    #[test]
    fn forged_sources_fill_neither_memory_nor_filter() {
        let mut shares = Shares::default();
        for number in 0..100_000 {
            assert!(!shares.exceeds(source(number)));
        }
        assert_eq!(shares.refused.len(), MOST_SOURCES);
        for number in 0..1000 {
            for _ in 0..=SHARE {
                let _ = shares.exceeds(source(number));
            }
        }
        assert_eq!(shares.shut_out().len(), MOST_SHUT_OUT);
    }
}
