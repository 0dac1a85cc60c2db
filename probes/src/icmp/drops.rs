//! The kernel's count of packets that it dropped at a socket, from `/proc`.
//!
//! `SO_RXQ_OVFL` never arrives on datagram ICMP sockets, and on raw ones only with the next packet, which may not come
//! in the same round. The last column of the protocol's table is there at any time, for both.

use std::{fs, io};

use super::{packet::Family, socket::Kind};

/// Column of the inode in `/proc/net/{raw,icmp}{,6}`.
const INODE: usize = 9;

/// What the kernel counts at a socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Drops {
    /// Packets that were not put into its queue, since it was opened.
    dropped: u64,
    /// Those among them that came with a wrong checksum: a raw IPv6 socket counts them too, whoever sent them and to
    /// whom. It is the count of the whole namespace, every packet of which the socket has seen.
    bad_checksums: u64,
}

impl Drops {
    /// Packets that we did not read in time between two counts.
    pub(super) const fn since(self, before: Self) -> u64 {
        let bad = self.bad_checksums.saturating_sub(before.bad_checksums);
        self.dropped.saturating_sub(before.dropped).saturating_sub(bad)
    }
}

/// The counts of the socket with this inode.
pub(super) fn read(family: Family, kind: Kind, inode: u64) -> io::Result<Drops> {
    // Of this thread: threads may live in network namespaces of their own.
    let table = fs::read_to_string(match (kind, family) {
        (Kind::Raw, Family::V4) => "/proc/thread-self/net/raw",
        (Kind::Raw, Family::V6) => "/proc/thread-self/net/raw6",
        (Kind::Datagram, Family::V4) => "/proc/thread-self/net/icmp",
        (Kind::Datagram, Family::V6) => "/proc/thread-self/net/icmp6",
    })?;
    let dropped = drops_of(&table, inode)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the socket is not in the table"))?;
    let bad_checksums = match (kind, family) {
        (Kind::Raw, Family::V6) => bad_checksums()?,
        (Kind::Raw | Kind::Datagram, _) => 0,
    };
    Ok(Drops { dropped, bad_checksums })
}

fn drops_of(table: &str, inode: u64) -> Option<u64> {
    let is_ours = |line: &&str| line.split_whitespace().nth(INODE).and_then(|text| text.parse().ok()) == Some(inode);
    table.lines().find(is_ours)?.split_whitespace().next_back()?.parse().ok()
}

/// ICMPv6 packets with a wrong checksum that reached this namespace.
fn bad_checksums() -> io::Result<u64> {
    let counters = fs::read_to_string("/proc/thread-self/net/snmp6")?;
    Ok(counter_of(&counters, "Icmp6InCsumErrors").unwrap_or(0))
}

fn counter_of(counters: &str, name: &str) -> Option<u64> {
    let words =
        |line: &str| line.split_once(char::is_whitespace).map(|(key, value)| (key == name, value.trim().parse()));
    counters.lines().filter_map(words).find(|(ours, _)| *ours)?.1.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
    1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41772 2 0000000000000000 0
    1: 00000000:0001 00000000:0000 07 00000000:00034500 00:00000000 00000000     0        0 4177 2 0000000000000000 306
";

    #[test]
    fn drops_are_those_of_our_socket() {
        assert_eq!(drops_of(TABLE, 4177), Some(306));
        assert_eq!(drops_of(TABLE, 41_772), Some(0));
        assert_eq!(drops_of(TABLE, 306), None);
        assert_eq!(drops_of("", 4177), None);
    }

    #[test]
    fn bad_checksums_of_strangers_are_no_drops_of_ours() {
        let before = Drops { dropped: 10, bad_checksums: 1000 };
        assert_eq!(Drops { dropped: 15, bad_checksums: 1003 }.since(before), 2);
        assert_eq!(Drops { dropped: 13, bad_checksums: 1003 }.since(before), 0);
        assert_eq!(Drops { dropped: 10, bad_checksums: 1001 }.since(before), 0);
    }

    #[test]
    fn counters_are_found_by_name() {
        let counters = "Icmp6InErrors                   \t7\nIcmp6InCsumErrors               \t5\n";
        assert_eq!(counter_of(counters, "Icmp6InCsumErrors"), Some(5));
        assert_eq!(counter_of(counters, "Icmp6In"), None);
    }
}
