//! `phusong ack OUTAGE`.

use phusong_model::{
    Ack, OutageId, UtcMs,
    command::{AckAnswer, AckOrder, OrderError},
    glossary,
};
use phusong_store::NewAck;

use crate::{
    failure::Failure,
    order::{Alone, Desk, give},
    show::View,
    site::Site,
};

/// Takes notice of an outage.
pub fn give_notice(site: &Site, outage: OutageId, order: &AckOrder, now: UtcMs) -> Result<AckAnswer, Failure> {
    let alone = |desk: &mut Desk| {
        let AckOrder { note, ticket } = phusong_gaps::acknowledge(order)?;
        let ack = NewAck { outage, at: now, author: desk.author.clone(), note, ticket };
        let unknown = || Alone::Refused(OrderError::UnknownOutage { id: outage }.into());
        let ack = desk.store.acknowledge(&ack)?.ok_or_else(unknown)?;
        Ok(AckAnswer { schema: AckAnswer::SCHEMA.to_owned(), ack })
    };
    give(site, &format!("/api/v1/outages/{}/ack", outage.0), order, now, alone)
}

/// What was kept, in a sentence.
pub fn told(ack: &Ack, view: &View) -> Vec<String> {
    let lang = view.lang;
    let number = ack.outage.0;
    let mut facts =
        vec![lang.pick(format!("đã tiếp nhận lần mất kết nối {number}"), format!("outage {number} is acknowledged"))];
    if ack.event.0 != number {
        facts.push(lang.pick(format!("cả sự cố {}", ack.event.0), format!("with its event {}", ack.event.0)));
    }
    facts.push(format!("{} {}", ack.author, glossary::moment(lang, ack.at, view.now)));
    facts.extend(ack.ticket.clone());
    facts.extend(ack.note.clone());
    view.facts(facts)
}
