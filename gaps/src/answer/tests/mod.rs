//! Answers from a small province: three communes, a feeder, six links, a day of history.

mod availability;
mod conditions;
mod contradictions;
mod coverage;
mod link;
mod maintenance;
mod narrowed;
mod outage;
pub(crate) mod province;
mod ranking;
mod ready;
mod sitrep;
mod times;
mod topology;
mod weak;
