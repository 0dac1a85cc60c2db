//! The kernel's count of packets that it dropped at a socket, from `/proc`.
//!
//! `SO_RXQ_OVFL` never arrives on datagram ICMP sockets, and on raw ones only with the next packet, which may not come
//! in the same round. The last column of the protocol's table is there at any time, for both.

use std::{fs, io};

use super::{packet::Family, socket::Kind};

/// Column of the inode in `/proc/net/{raw,icmp}{,6}`.
const INODE: usize = 9;

/// Packets dropped at the socket with this inode since it was opened.
pub(super) fn read(family: Family, kind: Kind, inode: u64) -> io::Result<u64> {
    // Of this thread: threads may live in network namespaces of their own.
    let table = fs::read_to_string(match (kind, family) {
        (Kind::Raw, Family::V4) => "/proc/thread-self/net/raw",
        (Kind::Raw, Family::V6) => "/proc/thread-self/net/raw6",
        (Kind::Datagram, Family::V4) => "/proc/thread-self/net/icmp",
        (Kind::Datagram, Family::V6) => "/proc/thread-self/net/icmp6",
    })?;
    drops_of(&table, inode).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the socket is not in the table"))
}

fn drops_of(table: &str, inode: u64) -> Option<u64> {
    let is_ours = |line: &&str| line.split_whitespace().nth(INODE).and_then(|text| text.parse().ok()) == Some(inode);
    table.lines().find(is_ours)?.split_whitespace().next_back()?.parse().ok()
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
}
