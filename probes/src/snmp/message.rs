//! SNMP messages as they are on the wire: the head of any, and the whole of those of SNMPv1 and v2c, which have no
//! security. The library decodes the values, and speaks SNMPv3. Pure.

use bytes::Bytes;
use snmp::{Value, ber::Decoder};

/// BER tags (X.690, RFC 3417 section 8).
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The PDUs of RFC 3416, section 3.
const GET: u8 = 0xa0;
const GET_NEXT: u8 = 0xa1;
const RESPONSE: u8 = 0xa2;
const GET_BULK: u8 = 0xa5;
/// Those that begin with a request-id, GetRequest to Report; 0xa4, the old trap, has none.
const PDUS: std::ops::RangeInclusive<u8> = 0xa0..=0xa8;
const OLD_TRAP: u8 = 0xa4;
/// Bytes of a binding of the interface tables, to begin with the right room for an answer.
const BINDING_USUAL: usize = 18;
/// `msgVersion` of SNMPv3 (RFC 3412).
const VERSION_3: i32 = 3;

/// What is common to the messages of all versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// 0 for SNMPv1, 1 for v2c, 3 for v3.
    pub(super) version: i32,
    /// Empty for SNMPv3, which has none.
    pub(super) community: &'a [u8],
    /// What the answer has of its request: `request-id`, or `msgID` of SNMPv3.
    pub(super) id: i32,
    /// SNMPv1 and v2c: the kind of PDU, and the rest of it.
    pdu: (u8, &'a [u8]),
}

impl<'a> Head<'a> {
    /// None when these bytes are no message, or not all of one.
    pub(super) fn of(datagram: &'a [u8]) -> Option<Self> {
        let mut message = inside(SEQUENCE, &mut &*datagram)?;
        let version = integer(&mut message)?;
        if version == VERSION_3 {
            let id = integer(&mut inside(SEQUENCE, &mut message)?)?;
            return Some(Self { version, community: &[], id, pdu: (0, &[]) });
        }
        let community = inside(OCTET_STRING, &mut message)?;
        let (kind, mut pdu) = element(&mut message)?;
        let id = (PDUS.contains(&kind) && kind != OLD_TRAP).then(|| integer(&mut pdu))??;
        Some(Self { version, community, id, pdu: (kind, pdu) })
    }
}

/// An object and its value, as an answer binds them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    /// The content of the object identifier.
    pub(super) name: Bytes,
    pub(super) value: Value,
}

/// An answer over SNMPv1 or v2c.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    pub(super) status: i32,
    /// The object that the status is about, counted from 1; 0 is the whole request.
    pub(super) index: i32,
    pub(super) bound: Vec<Bound>,
}

impl Response {
    /// None when the message is no answer, or a part of it cannot be read: then nothing of it is believed.
    pub(super) fn of(message: &Bytes) -> Option<Self> {
        let (kind, mut pdu) = Head::of(message)?.pdu;
        if kind != RESPONSE {
            return None;
        }
        let (status, index) = (integer(&mut pdu)?, integer(&mut pdu)?);
        let mut list = inside(SEQUENCE, &mut pdu)?;
        let mut bound = Vec::with_capacity(list.len() / BINDING_USUAL);
        while !list.is_empty() {
            let mut binding = inside(SEQUENCE, &mut list)?;
            let name = inside(OBJECT_IDENTIFIER, &mut binding).filter(|name| is_name(name))?;
            let name = message.slice_ref(name);
            let mut value = Decoder::new(message.slice_ref(binding));
            bound.push(Bound { name, value: Value::decode(&mut value).ok().filter(|_| value.is_empty())? });
        }
        Some(Self { status, index, bound })
    }
}

/// A request over SNMPv1 or v2c.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    kind: u8,
    /// error-status and error-index, which are 0; for GETBULK non-repeaters and max-repetitions.
    fields: [i32; 2],
    /// Content of the list of [`binding`]s.
    list: &'a [u8],
}

impl<'a> Request<'a> {
    /// These objects.
    pub(super) const fn get(list: &'a [u8]) -> Self {
        Self { kind: GET, fields: [0, 0], list }
    }

    /// The objects behind these.
    pub(super) const fn next(list: &'a [u8]) -> Self {
        Self { kind: GET_NEXT, fields: [0, 0], list }
    }

    /// So many objects behind each of these. SNMPv1 does not have it.
    pub(super) const fn bulk(list: &'a [u8], repetitions: i32) -> Self {
        Self { kind: GET_BULK, fields: [0, repetitions], list }
    }

    /// The whole message.
    pub(super) fn message(&self, version: i32, community: &[u8], id: i32) -> Vec<u8> {
        // Four bytes of tag and length around each of the nested parts are enough for any datagram.
        let room = self.list.len() + community.len() + 40;
        let mut pdu = Vec::with_capacity(room);
        put_integer(&mut pdu, id);
        self.fields.into_iter().for_each(|field| put_integer(&mut pdu, field));
        put(&mut pdu, SEQUENCE, self.list);
        let mut parts = Vec::with_capacity(room);
        put_integer(&mut parts, version);
        put(&mut parts, OCTET_STRING, community);
        put(&mut parts, self.kind, &pdu);
        let mut message = Vec::with_capacity(room);
        put(&mut message, SEQUENCE, &parts);
        message
    }
}

/// Adds the binding of an object to the list of a request; `name` is the content of its identifier.
pub(super) fn put_binding(list: &mut Vec<u8>, name: &[u8]) {
    let mut binding = Vec::with_capacity(name.len() + 8);
    put(&mut binding, OBJECT_IDENTIFIER, name);
    put(&mut binding, NULL, &[]);
    put(list, SEQUENCE, &binding);
}

/// The name in one binding of a request's list.
pub(super) fn name_in(binding: &[u8]) -> Option<&[u8]> {
    inside(OBJECT_IDENTIFIER, &mut inside(SEQUENCE, &mut &*binding)?)
}

fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(length @ ..0x80) => out.push(length),
        Ok(_) | Err(_) => {
            let length = content.len().to_be_bytes();
            let zeros = length.iter().take_while(|byte| **byte == 0).count();
            let length = length.get(zeros..).unwrap_or_default();
            // A length has eight bytes at most.
            out.push(0x80 | length.len() as u8);
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(content);
}

/// Adds an INTEGER with the shortest content that holds it: some agents take nothing else.
fn put_integer(out: &mut Vec<u8>, value: i32) {
    let bytes = value.to_be_bytes();
    let spare = |pair: &[u8]| matches!(pair, [0, 0..=0x7f] | [0xff, 0x80..=0xff]);
    let skip = bytes.windows(2).take_while(|pair| spare(pair)).count();
    put(out, INTEGER, bytes.get(skip..).unwrap_or(&bytes));
}

/// Whether this is the content of an object identifier: at most 128 numbers of at most 32 bits (RFC 2578 section 3.5),
/// in groups of 7 bits of which the last has its high bit clear. No number at all names no object that was asked for.
fn is_name(content: &[u8]) -> bool {
    let whole = content.last().is_none_or(|byte| byte & 0x80 == 0);
    let mut numbers = content.split_inclusive(|byte| byte & 0x80 == 0);
    let fit = |number: &[u8]| number.len() < 5 || matches!(number, [..=0x8f, _, _, _, _]);
    // The first two numbers are written as one.
    whole && numbers.clone().count() < 128 && numbers.all(fit)
}

/// Takes the first element off the front: its tag and its content. Lengths are definite (RFC 3417 section 8).
fn element<'a>(bytes: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&[tag, short], rest) = bytes.split_first_chunk()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (long, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        // Four bytes are more than any datagram has.
        let fits = matches!(long.len(), 1..=4);
        (fits.then(|| long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))?, rest)
    };
    let (content, behind) = rest.split_at_checked(length)?;
    *bytes = behind;
    Some((tag, content))
}

/// Takes an element of this tag off the front.
fn inside<'a>(tag: u8, bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    element(bytes).filter(|(found, _)| *found == tag).map(|(_, content)| content)
}

/// Takes an INTEGER of at most 32 bits off the front.
fn integer(bytes: &mut &[u8]) -> Option<i32> {
    let content = inside(INTEGER, bytes)?;
    let negative = content.first()? & 0x80 != 0;
    let fits = content.len() <= 4;
    fits.then(|| content.iter().fold(if negative { -1 } else { 0 }, |value, byte| value << 8 | i32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use snmp::{
        CommunityVersion, Oid, VarBind, Version,
        message::CommunityMessage,
        oid,
        pdu::{GetBulkPdu, Pdu, RequestPdu, ResponsePdu},
    };

    use super::*;

    /// `sysUpTime.0` asked with community `hush`, in v2c.
    const REQUEST: &[u8] = &[
        0x30, 0x26, 2, 1, 1, 4, 4, b'h', b'u', b's', b'h', 0xa0, 0x1b, 2, 4, 0x12, 0x34, 0x56, 0x78, 2, 1, 0, 2, 1, 0,
        0x30, 0x0d, 0x30, 0x0b, 6, 7, 0x2b, 6, 1, 2, 1, 1, 3, 5, 0,
    ];

    #[test]
    fn the_head_is_read_and_nothing_behind_it() {
        let head = |bytes: &[u8]| Head::of(bytes).map(|head| (head.version, head.community.to_vec(), head.id));
        let expected = Some((1, b"hush".to_vec(), 0x1234_5678));
        assert_eq!(head(REQUEST), expected);
        let mut spoiled = REQUEST.to_vec();
        spoiled[25..].fill(0xff);
        assert_eq!(head(&spoiled), expected);
        // A secured message: version, then msgID, msgMaxSize, msgFlags and msgSecurityModel.
        let secured = [0x30, 0x12, 2, 1, 3, 0x30, 0x0d, 2, 1, 0xff, 2, 2, 5, 0xc0, 4, 1, 4, 2, 1, 3];
        assert_eq!(head(&secured), Some((3, Vec::new(), -1)));
    }

    #[test]
    fn a_message_that_is_cut_or_no_message_has_no_head() {
        for length in 0..REQUEST.len() {
            assert_eq!(Head::of(&REQUEST[..length]), None, "cut after {length} bytes");
        }
        let change = |at: usize, byte: u8| {
            let mut changed = REQUEST.to_vec();
            changed[at] = byte;
            changed
        };
        // Another tag, an indefinite length, no version, no community, an old trap, an id that is none.
        for (at, byte) in [(0, 0x31), (1, 0x80), (2, 5), (5, 2), (11, 0xa4), (11, 0x30), (13, 4), (14, 0), (14, 5)] {
            assert_eq!(Head::of(&change(at, byte)), None, "byte {at} is {byte:#x}");
        }
        let long = [&[0x30, 0x85, 0, 0, 0, 0, 0x26], &REQUEST[2..]].concat();
        assert_eq!(Head::of(&long), None, "a length of five bytes");
    }

    #[test]
    fn requests_are_what_the_library_makes_of_them() {
        let oids: Vec<Oid> = (0..40).map(|arc| Oid::from([1, 3, 6, 1, 2, 1, 2, 2, 1, 10, arc * 100_000])).collect();
        for some in [0, 1, 7, 40] {
            let some = &oids[..some];
            let mut list = Vec::new();
            some.iter().for_each(|oid| put_binding(&mut list, &oid.to_ber().expect("an OID")));
            for id in [1, 127, 128, 255, 256, 32_768, 0x00ff_ffff, i32::MAX, -1, -129] {
                let of_library = |version, pdu: Pdu| {
                    CommunityMessage::new(version, b"hush".as_slice(), pdu).and_then(|m| m.encode()).expect("a message")
                };
                let get = |version| RequestPdu::get(version, id, some).expect("a request").into();
                assert_eq!(
                    Request::get(&list).message(0, b"hush", id),
                    of_library(CommunityVersion::V1, get(Version::V1))
                );
                let next = RequestPdu::get_next(Version::V2c, id, some).expect("a request").into();
                assert_eq!(Request::next(&list).message(1, b"hush", id), of_library(CommunityVersion::V2c, next));
                let null = some.iter().map(|oid| VarBind::null(oid.clone())).collect();
                let bulk = GetBulkPdu::new(Version::V2c, id, 0, 25, null).expect("a request").into();
                assert_eq!(Request::bulk(&list, 25).message(1, b"hush", id), of_library(CommunityVersion::V2c, bulk));
            }
        }
    }

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let bindings = vec![
            VarBind::new(oid!(1, 3, 6, 1, 2, 1, 1, 5, 0), Value::OctetString(b"router"[..].into())),
            VarBind::new(oid!(1, 3, 6, 1, 2, 1, 1, 3, 0), Value::TimeTicks(7)),
        ];
        let pdu: Pdu = ResponsePdu::success(Version::V2c, 9, bindings.clone()).expect("an answer").into();
        let message = CommunityMessage::new(CommunityVersion::V2c, b"hush".as_slice(), pdu).and_then(|m| m.encode());
        let message = message.expect("a message");
        let answer = Response::of(&message).expect("an answer");
        assert_eq!((answer.status, answer.index), (0, 0));
        let bound =
            bindings.into_iter().map(|of| Bound { name: of.oid.to_ber().expect("OID").into(), value: of.value });
        assert_eq!(answer.bound, bound.collect::<Vec<_>>());

        let mut broken = message.to_vec();
        // The length of the last value.
        let at = broken.len() - 2;
        for length in [0, 2, 0x7f, 0x80] {
            broken[at] = length;
            assert_eq!(Response::of(&broken.clone().into()), None, "a value of length {length}");
        }
        assert_eq!(Response::of(&Bytes::from_static(REQUEST)), None, "a request is no answer");
    }
}
