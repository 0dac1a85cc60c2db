//! Name servers, honest and not.

use std::sync::Arc;

use hickory_proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::{Name, RData, Record, RecordType, rdata},
};
use tokio::{io::AsyncReadExt, net::UdpSocket};

use super::*;

/// What a server sends back: datagrams, each from itself or from another port of its machine.
type Replies = Vec<(Vec<u8>, bool)>;

/// The honest answer: one address.
fn honest(question: &Message) -> Message {
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.add_queries(question.queries.clone());
    if let Some(query) = question.queries.first() {
        let address = RData::A(rdata::A::new(192, 0, 2, 1));
        answer.add_answer(Record::from_rdata(query.name.clone(), 60, address));
    }
    answer
}

fn bytes(message: &Message) -> Vec<u8> {
    message.to_vec().expect("a message")
}

async fn name_server(reply: impl Fn(&Message, &[u8]) -> Replies + Send + Sync + 'static) -> SocketAddr {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
    let forger = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("bound");
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).expect("a question");
            for (bytes, forged) in reply(&question, &buffer[..length]) {
                let sender = if forged { &forger } else { socket.as_ref() };
                let _ = sender.send_to(&bytes, from).await;
            }
        }
    });
    address
}

async fn ask(plan: &ServicePlan, reply: impl Fn(&Message, &[u8]) -> Replies + Send + Sync + 'static) -> ServiceReport {
    let server = name_server(reply).await;
    look(&prober(), &format!("dns://{server}/portal.example.vn"), plan).await
}

/// One answer of the server's own, changed as told.
async fn changed(plan: &ServicePlan, change: impl Fn(&mut Message) + Send + Sync + 'static) -> ServiceReport {
    let reply = move |question: &Message, _: &[u8]| {
        let mut answer = honest(question);
        change(&mut answer);
        vec![(bytes(&answer), false)]
    };
    ask(plan, reply).await
}

#[tokio::test]
async fn an_honest_answer_counts_however_the_name_is_spelt() {
    assert!(answered(&changed(&PATIENT, |_| ()).await));
    let shouted = changed(&PATIENT, |answer| {
        answer.queries.iter_mut().for_each(|query| {
            query.set_name(Name::from_ascii("PORTAL.Example.VN.").expect("a name"));
        });
    });
    assert!(answered(&shouted.await), "names are compared without case (RFC 1035, 2.3.3)");
}

#[tokio::test]
async fn errors_and_empty_answers_are_lost_at_once() {
    let begun = Instant::now();
    for code in [ResponseCode::NXDomain, ResponseCode::ServFail, ResponseCode::Refused] {
        let report = changed(&PATIENT, move |answer| answer.metadata.response_code = code).await;
        assert!(lost(&report), "{code}: {report:?}");
    }
    assert!(lost(&changed(&PATIENT, |answer| answer.answers.clear()).await), "no record of that type");
    let nobody = closed_port().await;
    assert!(lost(&look(&prober(), &format!("dns://{nobody}/a.vn"), &PATIENT).await), "nobody listens");
    assert!(begun.elapsed() < PATIENT.timeout, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_answers_another_question_is_not_ours() {
    let other = |name: &str| Name::from_ascii(name).expect("a name");
    let wrong_number = changed(&SHORT, |answer| answer.metadata.id = answer.metadata.id.wrapping_add(1));
    let wrong_name = changed(&SHORT, move |answer| {
        answer.queries = vec![Query::query(other("other.vn."), RecordType::A)];
    });
    let wrong_type = changed(&SHORT, |answer| {
        answer.queries.iter_mut().for_each(|query| {
            query.set_query_type(RecordType::AAAA);
        });
    });
    let no_question = changed(&SHORT, |answer| answer.queries.clear());
    let no_answer = changed(&SHORT, |answer| answer.metadata.message_type = MessageType::Query);
    let reports = tokio::join!(wrong_number, wrong_name, wrong_type, no_question, no_answer);
    for report in [reports.0, reports.1, reports.2, reports.3, reports.4] {
        assert!(lost(&report), "{report:?}");
    }
}

#[tokio::test]
async fn another_machine_cannot_answer_in_its_place() {
    let forged = |question: &Message, _: &[u8]| vec![(bytes(&honest(question)), true)];
    assert!(lost(&ask(&SHORT, forged).await));
    let hidden_among_forgeries = |question: &Message, _: &[u8]| {
        let mut refusal = honest(question);
        refusal.metadata.response_code = ResponseCode::NXDomain;
        let mut guess = refusal.clone();
        guess.metadata.id = guess.metadata.id.wrapping_add(7);
        let mut replies = vec![(bytes(&refusal), true); 20];
        replies.extend(vec![(bytes(&guess), false); 20]);
        replies.push((bytes(&honest(question)), false));
        replies
    };
    assert!(answered(&ask(&PATIENT, hidden_among_forgeries).await));
}

#[tokio::test]
async fn bytes_that_are_no_message_are_passed_over() {
    let rubbish = |question: &Message, asked: &[u8]| {
        // A name that points at itself (RFC 1035, 4.1.4), a cut header, counts that promise what is not there.
        let mut pointing = asked[..12].to_vec();
        pointing[2] |= 0x80;
        pointing.extend([0xc0, 12, 0, 1, 0, 1]);
        let mut promising = asked.to_vec();
        promising[2] |= 0x80;
        promising[6..8].copy_from_slice(&[0xff, 0xff]);
        let others = [Vec::new(), vec![0; 3], vec![0xff; 4000], asked.to_vec(), pointing, promising];
        let mut replies: Replies = others.into_iter().map(|bytes| (bytes, false)).collect();
        replies.push((bytes(&honest(question)), false));
        replies
    };
    assert!(answered(&ask(&PATIENT, rubbish).await));
}

/// Serves cut answers over UDP and these bytes over TCP at the same port.
async fn cut(over_tcp: impl Fn(Message) -> Vec<u8> + Send + Sync + Clone + 'static) -> SocketAddr {
    let udp = name_server(|question, _| {
        let mut answer = honest(question);
        answer.answers.clear();
        answer.metadata.truncation = true;
        vec![(bytes(&answer), false)]
    })
    .await;
    let listener = TcpListener::bind(udp).await.expect("the same port of TCP");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let over_tcp = over_tcp.clone();
            tokio::spawn(async move {
                let mut question = vec![0; stream.read_u16().await.expect("a length").into()];
                stream.read_exact(&mut question).await.expect("a question");
                let answer = over_tcp(Message::from_vec(&question).expect("a question"));
                let _ = stream.write_all(&answer).await;
                let _ = stream.read_u8().await;
            });
        }
    });
    udp
}

fn framed(message: &Message) -> Vec<u8> {
    let bytes = bytes(message);
    [&u16::try_from(bytes.len()).expect("short").to_be_bytes(), bytes.as_slice()].concat()
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_fetched_over_tcp() {
    let url = |server: SocketAddr| format!("dns://{server}/portal.example.vn");
    let whole = cut(|question| framed(&honest(&question))).await;
    assert!(answered(&look(&prober(), &url(whole), &PATIENT).await));
    let wrong_number = cut(|mut question| {
        question.metadata.id = question.metadata.id.wrapping_add(1);
        framed(&honest(&question))
    })
    .await;
    assert!(lost(&look(&prober(), &url(wrong_number), &PATIENT).await));
    let promising = cut(|question| [&[0xff, 0xff], framed(&honest(&question)).as_slice()].concat()).await;
    assert!(lost(&look(&prober(), &url(promising), &SHORT).await), "64 KiB that never come");
    let not_over_tcp = name_server(|question, _| {
        let mut answer = honest(question);
        answer.metadata.truncation = true;
        vec![(bytes(&answer), false)]
    })
    .await;
    assert!(lost(&look(&prober(), &url(not_over_tcp), &PATIENT).await));
}
