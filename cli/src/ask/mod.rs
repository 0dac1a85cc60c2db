//! Where answers come from: the daemon, else the store.

pub mod daemon;
pub mod store;
pub mod upload;

use phusong_model::{
    UtcMs,
    answer::{Answer, Condition, Notice, Query},
};

use crate::{
    failure::{Failure, NoSource},
    site::Site,
};
use daemon::{DaemonFault, Refusal};

/// The daemon's answer; else the store's, with why the daemon gave none.
pub fn either(site: &Site, query: &Query, now: UtcMs) -> Result<(Answer, Option<DaemonFault>), Failure> {
    let fault = match daemon::ask(&site.socket, query, daemon::LIMITS) {
        Ok(Ok(answer)) => return Ok((answer, None)),
        Ok(Err(refusal)) => return Err(Failure::Question { refusal, conditions: Vec::new() }),
        Err(fault) => fault,
    };
    match store::ask(site.folder(), query, now) {
        Ok(Ok(answer)) => Ok((without_daemon(answer, &fault), Some(fault))),
        // A name that the store does not know may be one that only the daemon knows by now.
        Ok(Err(error)) => {
            Err(Failure::Question { refusal: Refusal::Known(error), conditions: vec![Condition::Partial] })
        }
        Err(store) => {
            let starter = site.starter.clone();
            Err(Failure::NoAnswer(Box::new(NoSource { daemon: fault, store, starter })))
        }
    }
}

/// The store's answer with the remark that the daemon is away. What happens now is not in it, so it is partial.
fn without_daemon(mut answer: Answer, fault: &DaemonFault) -> Answer {
    if !answer.conditions.contains(&Condition::Partial) {
        answer.conditions.push(Condition::Partial);
        answer.conditions.sort();
    }
    answer.notices.push(Notice::DaemonAway { reason: crate::failure::chain(fault) });
    answer
}
