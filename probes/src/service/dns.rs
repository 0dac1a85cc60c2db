//! One question to a name server.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use hickory_proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::{Name, RecordType},
};
use phusong_model::{DnsRecord, DnsService};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UdpSocket,
};

use super::{Failure, OURS, connect::connect};

/// The longest answer over UDP that is read. We do not offer EDNS, so that 512 bytes are the most a server may send
/// (RFC 1035, 4.2.1); what is longer is cut here and no answer.
const DATAGRAM_MAX: usize = 4096;

/// Asks the server. It answers when it knows a record of the type that was asked for: no such name, no such record and
/// any error of the server are a service that does not work for who needs that name.
pub(super) async fn ask(to: SocketAddr, dns: &DnsService) -> Result<(), Failure> {
    let question = Question::new(dns)?;
    let answer = match over_udp(to, &question).await? {
        cut if cut.metadata.truncation => over_tcp(to, &question).await?,
        answer => answer,
    };
    let found = answer.answers.iter().any(|record| record.record_type() == question.query.query_type);
    let fine = answer.metadata.response_code == ResponseCode::NoError && found;
    if fine { Ok(()) } else { Err(Failure::Lost) }
}

/// A question with its own unpredictable number.
struct Question {
    id: u16,
    query: Query,
    bytes: Vec<u8>,
}

impl Question {
    fn new(dns: &DnsService) -> Result<Self, Failure> {
        let name = Name::from_ascii(format!("{}.", dns.name)).map_err(|_| OURS)?;
        let query = Query::query(name, record_type(dns.record));
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|_| OURS)?;
        let id = u16::from_ne_bytes(id);
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(query.clone());
        let bytes = message.to_vec().map_err(|_| OURS)?;
        Ok(Self { id, query, bytes })
    }

    /// The message in these bytes when it answers this very question. Anything else is somebody else's.
    fn answer(&self, bytes: &[u8]) -> Option<Message> {
        let message = Message::from_vec(bytes).ok()?;
        let header = &message.metadata;
        let ours = header.id == self.id
            && header.message_type == MessageType::Response
            && header.op_code == OpCode::Query
            && message.queries == [self.query.clone()];
        ours.then_some(message)
    }
}

/// A socket for each question: its port is as unpredictable as its number (RFC 5452), and being connected it takes
/// packets of the server alone.
async fn over_udp(to: SocketAddr, question: &Question) -> Result<Message, Failure> {
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await.map_err(|_| OURS)?;
    socket.connect(to).await.map_err(|_| OURS)?;
    socket.send(&question.bytes).await.map_err(|error| refused_or_ours(&error))?;
    let mut buffer = [0; DATAGRAM_MAX];
    loop {
        // An ICMP error comes as a refusal: the machine is there and nobody listens, or a router knows no way to it.
        let length = socket.recv(&mut buffer).await.map_err(|_| Failure::Lost)?;
        if let Some(answer) = buffer.get(..length).and_then(|bytes| question.answer(bytes)) {
            return Ok(answer);
        }
    }
}

fn refused_or_ours(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::ConnectionRefused { Failure::Lost } else { OURS }
}

/// The same question with its length before it (RFC 7766, 8).
async fn over_tcp(to: SocketAddr, question: &Question) -> Result<Message, Failure> {
    let lost = |_| Failure::Lost;
    let mut stream = connect(to).await?;
    let length = u16::try_from(question.bytes.len()).map_err(|_| OURS)?;
    let framed = [&length.to_be_bytes(), question.bytes.as_slice()].concat();
    stream.write_all(&framed).await.map_err(lost)?;
    let mut answer = vec![0; stream.read_u16().await.map_err(lost)?.into()];
    stream.read_exact(&mut answer).await.map_err(lost)?;
    question.answer(&answer).ok_or(Failure::Lost)
}

const fn record_type(record: DnsRecord) -> RecordType {
    match record {
        DnsRecord::A => RecordType::A,
        DnsRecord::Aaaa => RecordType::AAAA,
        DnsRecord::Cname => RecordType::CNAME,
        DnsRecord::Mx => RecordType::MX,
        DnsRecord::Ns => RecordType::NS,
        DnsRecord::Ptr => RecordType::PTR,
        DnsRecord::Soa => RecordType::SOA,
        DnsRecord::Txt => RecordType::TXT,
    }
}
