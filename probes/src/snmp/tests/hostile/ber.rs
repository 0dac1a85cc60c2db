//! The little BER that a liar needs (X.690, RFC 3416): written by hand, because the library would not write lies.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const COUNTER32: u8 = 0x41;
pub(super) const GAUGE32: u8 = 0x42;
pub(super) const TIME_TICKS: u8 = 0x43;
pub(super) const COUNTER64: u8 = 0x46;

/// An element of at most 65,535 bytes.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
    let head: &[u8] = match content.len() {
        0..=127 => &[tag, low],
        128..=255 => &[tag, 0x81, low],
        256.. => &[tag, 0x82, high, low],
    };
    [head, content].concat()
}

/// A number in as few bytes as its sign allows.
pub(super) fn number(tag: u8, value: i64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let spare = bytes.windows(2).take_while(|pair| matches!(pair, [0, 0..=0x7f] | [0xff, 0x80..=0xff])).count();
    element(tag, &bytes[spare..])
}

pub(super) fn text(text: &str) -> Vec<u8> {
    element(OCTETS, text.as_bytes())
}

pub(super) fn object(arcs: &[u32]) -> Vec<u8> {
    let mut content = vec![u8::try_from(arcs[0] * 40 + arcs[1]).expect("a root")];
    for arc in &arcs[2..] {
        let groups = (0..5).rev().filter(|group| *group == 0 || arc >> (group * 7) != 0);
        content.extend(groups.map(|group| {
            let more = if group == 0 { 0 } else { 0x80 };
            more | ((arc >> (group * 7)) & 0x7f) as u8
        }));
    }
    element(OBJECT, &content)
}

/// The arcs in the content of an OBJECT IDENTIFIER below iso.
pub(super) fn arcs(content: &[u8]) -> Vec<u32> {
    let mut arcs = vec![u32::from(content[0] / 40), u32::from(content[0] % 40)];
    let mut arc = 0;
    for byte in &content[1..] {
        arc = (arc << 7) | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    arcs
}

/// Takes the first element: its tag, its content and what comes after it.
pub(super) fn take(input: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, rest) = match input[1] {
        0x82 => (usize::from(u16::from_be_bytes([input[2], input[3]])), &input[4..]),
        0x81 => (usize::from(input[2]), &input[3..]),
        length => (usize::from(length), &input[2..]),
    };
    let (content, rest) = rest.split_at(length);
    (input[0], content, rest)
}

/// The contents of elements that stand one after the other, with their tags.
pub(super) fn all(mut input: &[u8]) -> Vec<(u8, &[u8])> {
    let mut elements = Vec::new();
    while !input.is_empty() {
        let (tag, content, rest) = take(input);
        elements.push((tag, content));
        input = rest;
    }
    elements
}

/// A number that is not negative.
pub(super) fn unsigned(content: &[u8]) -> usize {
    content.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}
