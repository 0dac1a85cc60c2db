//! Requests as an agent sees them, and answers that every part of can be made a lie.

use super::ber::{self, INTEGER, OCTETS, SEQUENCE, element, number};

pub(super) const GET: u8 = 0xa0;
pub(super) const GET_NEXT: u8 = 0xa1;
pub(super) const RESPONSE: u8 = 0xa2;
pub(super) const GET_BULK: u8 = 0xa5;

/// `ifOperStatus`, which only a request for a reading holds.
const OPER_STATUS: [u32; 10] = [1, 3, 6, 1, 2, 1, 2, 2, 1, 8];

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    pub(super) community: Vec<u8>,
    pub(super) pdu: Pdu,
    /// What stands around it in SNMPv3.
    pub(super) secured: Option<Head>,
}

/// What an answer of SNMPv3 repeats.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// The message id, an element.
    pub(super) id: Vec<u8>,
    pub(super) engine: Vec<u8>,
    pub(super) user: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Pdu {
    pub(super) kind: u8,
    pub(super) id: i64,
    pub(super) non_repeaters: usize,
    pub(super) repetitions: usize,
    pub(super) names: Vec<Vec<u32>>,
}

impl Pdu {
    pub(super) fn of(kind: u8, content: &[u8]) -> Self {
        let parts = ber::all(content);
        let names = ber::all(parts[3].1).iter().map(|(_, binding)| ber::arcs(ber::take(binding).1)).collect();
        Self {
            kind,
            id: i64::try_from(ber::unsigned(parts[0].1)).expect("31 bits"),
            non_repeaters: ber::unsigned(parts[1].1),
            repetitions: ber::unsigned(parts[2].1),
            names,
        }
    }

    /// Whether it asks for the reading of an interface.
    pub(super) fn reads(&self) -> bool {
        self.kind == GET && self.names.iter().any(|name| name.starts_with(&OPER_STATUS))
    }

    pub(super) fn walks(&self) -> bool {
        matches!(self.kind, GET_NEXT | GET_BULK)
    }
}

impl Request {
    /// A request of SNMPv2c, or one of SNMPv3 that is not encrypted.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let parts = ber::all(ber::take(bytes).1);
        if parts[0].1 == [3] {
            return Self::secured(bytes, &parts);
        }
        let (community, pdu) = (parts[1].1.to_vec(), Pdu::of(parts[2].0, parts[2].1));
        Self { bytes: bytes.to_vec(), community, pdu, secured: None }
    }

    fn secured(bytes: &[u8], parts: &[(u8, &[u8])]) -> Self {
        let security = ber::all(ber::take(parts[2].1).1);
        let scoped = ber::all(parts[3].1);
        let id = element(INTEGER, ber::all(parts[1].1)[0].1);
        let head = Head { id, engine: security[0].1.to_vec(), user: security[3].1.to_vec() };
        let pdu = Pdu::of(scoped[2].0, scoped[2].1);
        Self { bytes: bytes.to_vec(), community: b"public".to_vec(), pdu, secured: Some(head) }
    }
}

/// The object and its value, each an element.
pub(super) type Binding = (Vec<u8>, Vec<u8>);

/// An answer in parts, each an element.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) version: Vec<u8>,
    pub(super) community: Vec<u8>,
    pub(super) kind: u8,
    pub(super) id: Vec<u8>,
    pub(super) status: Vec<u8>,
    pub(super) index: Vec<u8>,
    pub(super) bindings: Vec<Binding>,
}

impl Answer {
    pub(super) fn to(request: &Request, bindings: Vec<Binding>) -> Self {
        Self {
            version: number(INTEGER, 1),
            community: element(OCTETS, &request.community),
            kind: RESPONSE,
            id: number(INTEGER, request.pdu.id),
            status: number(INTEGER, 0),
            index: number(INTEGER, 0),
            bindings,
        }
    }

    pub(super) fn pdu(&self) -> Vec<u8> {
        let bindings: Vec<_> =
            self.bindings.iter().map(|(name, value)| element(SEQUENCE, &[&name[..], value].concat())).collect();
        let bindings = element(SEQUENCE, &bindings.concat());
        element(self.kind, &[&self.id[..], &self.status, &self.index, &bindings].concat())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        element(SEQUENCE, &[&self.version[..], &self.community, &self.pdu()].concat())
    }

    /// Where an object stands, by the end of its name: column and row.
    pub(super) fn place(&self, end: &[u32]) -> usize {
        let is = |(name, _): &Binding| ber::arcs(ber::take(name).1).ends_with(end);
        self.bindings.iter().position(is).expect("asked for")
    }

    /// The value of an object.
    pub(super) fn value(&mut self, end: &[u32]) -> &mut Vec<u8> {
        let place = self.place(end);
        &mut self.bindings[place].1
    }
}
