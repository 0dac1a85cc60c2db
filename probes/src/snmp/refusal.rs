//! Answers that belong to a request and cannot be used. An SNMPv3 agent that does not know the user, or finds the password
//! wrong, says so in a Report without a user name, which the library does not accept as an answer: without this file a
//! wrong password would look like a dead device.

/// There was no such answer.
pub(super) const NONE: u8 = 0;
/// There was one, and it does not say why.
const UNUSABLE: u8 = u8::MAX;

/// `usmStats` (1.3.6.1.6.3.15.1.1) as it is in a packet; the number after it says what the agent counted (RFC 3414).
const USM_STATS: [u8; 8] = [0x2b, 6, 1, 6, 3, 15, 1, 1];

/// What an unusable answer seems to be. Nothing in it is authenticated, so it is used for words only.
pub(super) fn of(answer: &[u8]) -> u8 {
    let counted =
        answer.windows(USM_STATS.len() + 1).find_map(|window| window.strip_prefix(&USM_STATS)?.first().copied());
    counted.filter(|counted| (1..=6).contains(counted)).unwrap_or(UNUSABLE)
}

/// What people are told.
pub(super) const fn words(code: u8) -> Option<&'static str> {
    Some(match code {
        NONE => return None,
        1 => "the device does not offer this security level to the user",
        2 => "the device finds our message too old or too new",
        3 => "the device does not know the SNMPv3 user",
        4 => "the SNMPv3 engine id does not fit: the device was replaced, or gives an id that is none",
        5 => "the device finds the SNMPv3 authentication wrong: protocol or password",
        6 => "the device cannot decrypt our message: privacy protocol or password",
        _ => "the device sent an answer that cannot be used",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_from_other_answers() {
        let report = [&[0x30, 0x20, 6, 10], USM_STATS.as_slice(), &[5, 0, 0x41, 1, 7]].concat();
        assert_eq!(words(of(&report)), words(5));
        for other in [&b""[..], b"0", &USM_STATS, &[&USM_STATS[..], &[9]].concat()] {
            assert_eq!(of(other), UNUSABLE);
        }
        assert_eq!(words(NONE), None);
    }
}
