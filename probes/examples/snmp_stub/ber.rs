//! The little BER that an agent needs (X.690, RFC 3417), for messages of well-behaved pollers.

pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const OBJECT: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;

/// An element of at most 65,535 bytes.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len() as u16;
    let [high, low] = length.to_be_bytes();
    let head: &[u8] = match length {
        0..=127 => &[tag, low],
        128..=255 => &[tag, 0x81, low],
        256.. => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}

/// An unsigned number, in as few bytes as the sign allows.
pub fn number(tag: u8, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    let content = bytes.get(zeros..).unwrap_or_default();
    match content {
        [0x80..=0xff, ..] => element(tag, &[&[0], content].concat()),
        _ => element(tag, content),
    }
}

/// The content of an OBJECT IDENTIFIER.
pub fn oid(arcs: &[u32]) -> Vec<u8> {
    let [first, second, rest @ ..] = arcs else { return Vec::new() };
    let mut content = vec![(first * 40 + second) as u8];
    for arc in rest {
        let groups = (1..5).rev().filter(|group| arc >> (group * 7) != 0);
        content.extend(groups.map(|group| 0x80 | (arc >> (group * 7)) as u8));
        content.push((arc & 0x7f) as u8);
    }
    content
}

/// The arcs of an OBJECT IDENTIFIER, the first two as one: enough to compare.
pub fn arcs(content: &[u8]) -> Vec<u32> {
    let mut arcs = Vec::with_capacity(content.len());
    let mut arc = 0_u32;
    for byte in content {
        arc = (arc << 7) | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    arcs
}

/// Takes the first element: its tag, its content and what comes after it.
pub fn take(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = match input {
        [tag, 0x82, high, low, rest @ ..] => (*tag, usize::from(u16::from_be_bytes([*high, *low])), rest),
        [tag, 0x81, length, rest @ ..] => (*tag, usize::from(*length), rest),
        [tag, length @ ..=0x7f, rest @ ..] => (*tag, usize::from(*length), rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The content of the first element, if it has that tag, and what comes after it.
pub fn expect(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    take(input).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// A number that is not negative.
pub fn unsigned(content: &[u8]) -> usize {
    content.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}
