//! Where answers come from: the daemon, else the store.

pub mod daemon;
pub mod store;
pub mod upload;

use phusong_model::answer::{Answer, Condition, Notice};

use daemon::DaemonFault;

/// The store's answer with the remark that the daemon is away. What happens now is not in it, so it is partial.
pub fn without_daemon(mut answer: Answer, fault: &DaemonFault) -> Answer {
    if !answer.conditions.contains(&Condition::Partial) {
        answer.conditions.push(Condition::Partial);
        answer.conditions.sort();
    }
    answer.notices.push(Notice::DaemonAway { reason: crate::failure::chain(fault) });
    answer
}
