//! Classic BPF programs for receive filters: what the kernel may put into our socket's queue.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
};

use nix::libc;

use super::packet::{Family, Wire};

/// The kernel takes no longer program (`BPF_MAXINSNS`).
const LONGEST: usize = libc::BPF_MAXINSNS as usize;
/// Where the source address stands in an IPv4 header.
const SOURCE_V4: i32 = 12;
/// Where it stands in an IPv6 header.
const SOURCE_V6: i32 = 8;
/// Where the identifier stands in an ICMP echo.
const IDENTIFIER: u32 = 4;
/// Where an ICMP error begins to quote.
const QUOTE: u32 = 8;
const DROP: u32 = 0;
const KEEP_WHOLE: u32 = u32::MAX;

/// Replies that the demo's script makes disappear: the example province lives on loopback, where the kernel itself
/// answers every address, so an outage is played by a receive filter. Nothing but the demo uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyLoss {
    /// Whose replies; IPv4 only. Of several rules for one address the first one counts.
    pub address: IpAddr,
    /// How many of a thousand are dropped, at random; 1000 drops all.
    pub lost_per_mille: u16,
}

/// One instruction of classic BPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) jump_true: u8,
    pub(super) jump_false: u8,
    pub(super) value: u32,
}

/// The program for a socket that hands out packets like `wire`. With an identifier only echo replies that carry it
/// pass, and errors that quote it; without, the kernel has already looked (datagram sockets). Nothing passes that comes
/// from a source that is shut out. Then the rules take their share.
pub(super) fn program(
    wire: Wire,
    identifier: Option<u16>,
    shut_out: &[IpAddr],
    rules: &[ReplyLoss],
) -> io::Result<Vec<Instruction>> {
    let mut program = identifier.map_or_else(Vec::new, |identifier| only_our_replies(wire, identifier));
    shut_out.iter().filter(|source| Family::of(**source) == wire.family()).for_each(|source| {
        program.extend(drop_source(*source));
    });
    if !rules.is_empty() {
        program.push(load_source(SOURCE_V4));
    }
    for rule in rules {
        program.extend(drop_share(rule)?);
    }
    program.push(end(KEEP_WHOLE));
    if program.len() > LONGEST {
        return Err(refused(format!("{} rules need more than {LONGEST} BPF instructions", rules.len())));
    }
    Ok(program)
}

fn drop_source(source: IpAddr) -> Vec<Instruction> {
    match source {
        IpAddr::V4(source) => vec![load_source(SOURCE_V4), unless_equal_skip(source.into(), 1), end(DROP)],
        IpAddr::V6(source) => {
            let [w0, w1, w2, w3] = words(source);
            vec![
                load_source(SOURCE_V6),
                unless_equal_skip(w0, 7),
                load_source(SOURCE_V6 + 4),
                unless_equal_skip(w1, 5),
                load_source(SOURCE_V6 + 8),
                unless_equal_skip(w2, 3),
                load_source(SOURCE_V6 + 12),
                unless_equal_skip(w3, 1),
                end(DROP),
            ]
        }
    }
}

fn words(address: std::net::Ipv6Addr) -> [u32; 4] {
    let bits = u128::from(address);
    [96, 64, 32, 0].map(|shift| (bits >> shift) as u32)
}

/// Echo replies with our identifier, and errors that quote an echo request with it.
fn only_our_replies(wire: Wire, identifier: u16) -> Vec<Instruction> {
    // X is where the ICMP header begins, so that both wires share what follows.
    let (find_icmp, family) = match wire {
        Wire::RawV4 => (load_x_with_header_length(), Family::V4),
        Wire::Bare(family) => (load_x_with_zero(), family),
    };
    let errors = quoted_identifier(family);
    let past_errors = u32::try_from(errors.len()).unwrap_or(u32::MAX);
    let of_a_reply = [
        find_icmp,
        load_half_behind_x(0),
        unless_equal_skip(u32::from(family.reply()) << 8, 2),
        load_half_behind_x(IDENTIFIER),
        skip(past_errors),
    ];
    let compare = [if_equal_skip(u32::from(identifier), 1), end(DROP)];
    [&of_a_reply, errors.as_slice(), &compare].concat()
}

/// Loads the identifier of the echo request that an error quotes, or ends with anything that is no such error.
fn quoted_identifier(family: Family) -> Vec<Instruction> {
    match family {
        Family::V4 => vec![
            load_byte_behind_x(0),
            if_equal_skip(3, 3),
            if_equal_skip(11, 2),
            if_equal_skip(12, 1),
            end(DROP),
            load_byte_behind_x(QUOTE + 9),
            if_equal_skip(1, 1),
            end(DROP),
            // X moves over the quoted header, whose length is in its first byte.
            load_byte_behind_x(QUOTE),
            and(0x0f),
            shift_left(2),
            add_x(),
            x_from_a(),
            load_half_behind_x(QUOTE),
            if_equal_skip(u32::from(Family::V4.request()) << 8, 1),
            end(DROP),
            load_half_behind_x(QUOTE + IDENTIFIER),
        ],
        Family::V6 => vec![
            load_byte_behind_x(0),
            if_equal_skip(1, 4),
            if_equal_skip(2, 3),
            if_equal_skip(3, 2),
            if_equal_skip(4, 1),
            end(DROP),
            load_byte_behind_x(QUOTE + 6),
            if_equal_skip(58, 1),
            end(DROP),
            load_half_behind_x(QUOTE + 40),
            if_equal_skip(u32::from(Family::V6.request()) << 8, 1),
            end(DROP),
            load_half_behind_x(QUOTE + 40 + IDENTIFIER),
        ],
    }
}

fn drop_share(rule: &ReplyLoss) -> io::Result<Vec<Instruction>> {
    let IpAddr::V4(address) = rule.address else {
        return Err(refused(format!("{} is not an IPv4 address", rule.address)));
    };
    let address = u32::from(address);
    match rule.lost_per_mille {
        0 => Ok(vec![unless_equal_skip(address, 1), end(KEEP_WHOLE)]),
        lost @ 1..=999 => Ok(vec![
            unless_equal_skip(address, 4),
            load_random(),
            at_least_skip(share_of_u32(lost), 1),
            end(DROP),
            end(KEEP_WHOLE),
        ]),
        1000 => Ok(vec![unless_equal_skip(address, 1), end(DROP)]),
        more => Err(refused(format!(
            "{more} of a thousand replies of {address} cannot be lost",
            address = Ipv4Addr::from(address)
        ))),
    }
}

/// The number that a random u32 is below in so many cases of a thousand.
fn share_of_u32(per_mille: u16) -> u32 {
    u32::try_from((u64::from(per_mille) << 32) / 1000).unwrap_or(u32::MAX)
}

fn refused(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

const fn statement(code: u32, value: u32) -> Instruction {
    Instruction { code: code as u16, jump_true: 0, jump_false: 0, value }
}

/// `X = 4 * (byte 0 & 15)`: the length of the IPv4 header in front.
const fn load_x_with_header_length() -> Instruction {
    statement(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH, 0)
}

const fn load_x_with_zero() -> Instruction {
    statement(libc::BPF_LDX | libc::BPF_W | libc::BPF_IMM, 0)
}

const fn load_half_behind_x(offset: u32) -> Instruction {
    statement(libc::BPF_LD | libc::BPF_H | libc::BPF_IND, offset)
}

const fn load_byte_behind_x(offset: u32) -> Instruction {
    statement(libc::BPF_LD | libc::BPF_B | libc::BPF_IND, offset)
}

const fn and(value: u32) -> Instruction {
    statement(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, value)
}

const fn shift_left(bits: u32) -> Instruction {
    statement(libc::BPF_ALU | libc::BPF_LSH | libc::BPF_K, bits)
}

const fn add_x() -> Instruction {
    statement(libc::BPF_ALU | libc::BPF_ADD | libc::BPF_X, 0)
}

const fn x_from_a() -> Instruction {
    statement(libc::BPF_MISC | libc::BPF_TAX, 0)
}

const fn skip(count: u32) -> Instruction {
    statement(libc::BPF_JMP | libc::BPF_JA, count)
}

/// A word of the source address, wherever the packet begins for this socket.
const fn load_source(offset: i32) -> Instruction {
    statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, (libc::SKF_NET_OFF + offset) as u32)
}

const fn load_random() -> Instruction {
    statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, (libc::SKF_AD_OFF + libc::SKF_AD_RANDOM) as u32)
}

const fn end(verdict: u32) -> Instruction {
    statement(libc::BPF_RET | libc::BPF_K, verdict)
}

const fn unless_equal_skip(value: u32, skip: u8) -> Instruction {
    Instruction { code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, jump_true: 0, jump_false: skip, value }
}

const fn if_equal_skip(value: u32, skip: u8) -> Instruction {
    Instruction { jump_true: skip, jump_false: 0, ..unless_equal_skip(value, 0) }
}

const fn at_least_skip(value: u32, skip: u8) -> Instruction {
    Instruction { code: (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16, jump_true: skip, jump_false: 0, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(last: u8, lost_per_mille: u16) -> ReplyLoss {
        ReplyLoss { address: IpAddr::from([127, 0, 0, last]), lost_per_mille }
    }

    fn refusal(wire: Wire, rules: &[ReplyLoss]) -> String {
        program(wire, None, &[], rules).expect_err("the rules cannot be played").to_string()
    }

    #[test]
    fn no_rules_leave_the_plain_filter() {
        let plain = program(Wire::RawV4, Some(9), &[], &[]).expect("always possible");
        assert_eq!(plain.len(), only_our_replies(Wire::RawV4, 9).len() + 1);
        assert_eq!(plain.last(), Some(&end(KEEP_WHOLE)));
    }

    #[test]
    fn jumps_stay_inside_the_program_and_all_ways_end() {
        let rules = [rule(1, 0), rule(2, 1), rule(3, 999), rule(4, 1000)];
        let shut_out = [IpAddr::from([192, 0, 2, 1]), "2001:db8::1".parse().expect("an address")];
        for (wire, identifier) in
            [(Wire::RawV4, Some(7)), (Wire::Bare(Family::V6), Some(7)), (Wire::Bare(Family::V4), None)]
        {
            let program = program(wire, identifier, &shut_out, &rules).expect("few rules");
            for (place, instruction) in program.iter().enumerate() {
                let far = if *instruction == skip(instruction.value) { instruction.value } else { 0 };
                let jump = usize::from(instruction.jump_true.max(instruction.jump_false)).max(far as usize);
                let furthest = place + 1 + jump;
                assert!(furthest < program.len() || *instruction == end(KEEP_WHOLE), "{place}: {instruction:?}");
            }
        }
    }

    #[test]
    fn too_many_rules_are_refused() {
        let rules = |count| vec![rule(1, 1000); count];
        let most = (LONGEST - only_our_replies(Wire::RawV4, 7).len() - 2) / 2;
        assert!(most > 2000, "as the documentation of the rules promises");
        assert!(program(Wire::RawV4, Some(7), &[], &rules(most)).is_ok());
        assert!(program(Wire::RawV4, Some(7), &[], &rules(most + 1)).is_err());
    }

    #[test]
    fn rules_that_cannot_be_played_are_refused_by_name() {
        assert!(refusal(Wire::RawV4, &[rule(9, 1001)]).contains("127.0.0.9"));
        let v6 = ReplyLoss { address: "::1".parse().expect("an address"), lost_per_mille: 1000 };
        assert!(refusal(Wire::RawV4, &[v6]).contains("::1"));
    }

    #[test]
    fn shares_are_shares() {
        assert_eq!(share_of_u32(500), 1 << 31);
        assert_eq!(share_of_u32(1), 4_294_967);
        assert_eq!(share_of_u32(999), 4_290_672_328);
    }
}
