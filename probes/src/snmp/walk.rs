//! Reading a column of a device, row by row, whatever the device does with the request.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use snmp::{ErrorStatus, Oid, Value, VarBind, Version};
use tokio::time::{Instant, timeout_at};

use super::{
    exchange::{Failure, Refused, Session},
    text,
};

/// Most rows that a walk reads; a chassis with more interfaces than this is not what a commune has.
const WALK_ROWS: usize = 4096;
/// How long one walk may take altogether.
const WALK_TIME: Duration = Duration::from_secs(15);
/// Walks that must go well before a device is asked for more rows at once again.
const WALKS_UNTIL_FASTER: u8 = 8;

/// How many rows are asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// By GETBULK, and for fewer when the device says tooBig; SNMPv1 has only GETNEXT.
    Bulk(u32),
    /// One by one with GETNEXT: some agents never answer GETBULK, or answer it with the same rows again and again.
    Next,
}

/// From fast to sure. An answer of 25 short texts stays below one Ethernet frame; one of 8 passes every tunnel.
const STEPS: [Step; 3] = [Step::Bulk(25), Step::Bulk(8), Step::Next];

/// How a device likes to be walked; remembered as long as the device is asked.
#[derive(Debug, Default)]
pub(super) struct Pace {
    step: AtomicU8,
    /// Walks in a row that went well at this step.
    well: AtomicU8,
}

impl Pace {
    fn step(&self) -> Step {
        STEPS.get(usize::from(self.step.load(Ordering::Relaxed))).copied().unwrap_or(Step::Next)
    }

    /// Takes the next smaller step, if there is one.
    fn slower(&self) -> bool {
        self.well.store(0, Ordering::Relaxed);
        let slower = self.step.load(Ordering::Relaxed) + 1;
        let there_is = usize::from(slower) < STEPS.len();
        if there_is {
            self.step.store(slower, Ordering::Relaxed);
        }
        there_is
    }

    /// Takes the smallest step.
    fn row_by_row(&self) {
        while self.slower() {}
    }

    /// A walk went well. What made one fail may have been a bad hour of the network, so larger steps are tried again.
    fn went_well(&self) {
        let well = self.well.load(Ordering::Relaxed).saturating_add(1);
        let faster = well >= WALKS_UNTIL_FASTER;
        self.well.store(if faster { 0 } else { well }, Ordering::Relaxed);
        if faster {
            self.step.store(self.step.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
        }
    }
}

/// The rows of one column that were looked for, and why the walk ended early if it did.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Index part of the OID, and the text there.
    pub(super) texts: Vec<(Oid, String)>,
    /// The reason, when rows may be missing at the end.
    pub(super) cut: Option<String>,
}

/// How a walk at one step ended.
enum Ended {
    /// With the column, or because enough was seen.
    Whole,
    /// The device did not bear this step.
    Broken(String),
    /// A limit of ours.
    Limit(String),
}

impl Ended {
    /// Why rows may be missing.
    fn cut(self) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Broken(why) | Self::Limit(why) => Some(why),
        }
    }
}

impl Session {
    /// The indexes of a column, up to so many; fewer when the device misbehaves, and then why.
    pub(super) async fn indexes(&self, column: &Oid, until: Instant, most: usize) -> (Vec<Oid>, Option<String>) {
        let mut indexes = Vec::new();
        let cut = self
            .walk_column(column, until, |oid, _| {
                indexes.extend(oid.strip_prefix(column));
                indexes.len() >= most
            })
            .await;
        (indexes, cut)
    }

    /// Reads a column of texts until each of `wanted` was seen, the column ends, the device misbehaves or a limit is
    /// reached. Of several rows with one text the first counts.
    pub(super) async fn find_texts(&self, column: &Oid, until: Instant, wanted: &[&str]) -> Rows {
        let mut texts: Vec<(Oid, String)> = Vec::new();
        let cut = self
            .walk_column(column, until, |oid, value| {
                if let Value::OctetString(bytes) = value {
                    let text = text::lossy(bytes);
                    if wanted.contains(&&*text) && texts.iter().all(|(_, seen)| *seen != text) {
                        texts.extend(oid.strip_prefix(column).map(|index| (index, text.into_owned())));
                    }
                }
                wanted.iter().all(|wanted| texts.iter().any(|(_, text)| text == wanted))
            })
            .await;
        Rows { texts, cut }
    }

    /// Hands out the object and value of each row of a column, once and in order, until `enough` says so. A walk that the
    /// device breaks off begins again in smaller steps; the answer is why it ended early after all.
    async fn walk_column(
        &self,
        column: &Oid,
        until: Instant,
        mut enough: impl FnMut(&Oid, &Value) -> bool,
    ) -> Option<String> {
        let until = until.min(Instant::now() + WALK_TIME);
        let any = AtomicBool::new(false);
        let mut last: Option<Oid> = None;
        let mut new_rows = |oid: &Oid, value: &Value| {
            if last.as_ref().is_some_and(|last| oid <= last) {
                return false;
            }
            any.store(true, Ordering::Relaxed);
            last = Some(oid.clone());
            enough(oid, value)
        };
        loop {
            let step = self.pace.step();
            match self.walk_at(step, column, until, &mut new_rows).await {
                // Some agents answer GETBULK with nothing and GETNEXT truly: only the latter says that nothing is there.
                Ended::Whole if step != Step::Next && !any.load(Ordering::Relaxed) => {
                    let ended = self.walk_at(Step::Next, column, until, &mut new_rows).await;
                    if any.load(Ordering::Relaxed) {
                        self.pace.row_by_row();
                    }
                    return ended.cut();
                }
                Ended::Whole => {
                    self.pace.went_well();
                    return None;
                }
                Ended::Broken(why) => {
                    if !self.pace.slower() {
                        return Some(why);
                    }
                    tracing::debug!(%why, step = ?self.pace.step(), "a walk begins again in smaller steps");
                }
                Ended::Limit(why) => return Some(why),
            }
        }
    }

    async fn walk_at(
        &self,
        step: Step,
        column: &Oid,
        until: Instant,
        mut enough: impl FnMut(&Oid, &Value) -> bool,
    ) -> Ended {
        let mut repetitions = match step {
            Step::Bulk(repetitions) => Some(repetitions),
            Step::Next => None,
        };
        let mut at = column.clone();
        let mut rows = 0;
        loop {
            let bound = match timeout_at(until, self.rows(&at, repetitions)).await {
                Ok(Ok(bound)) => bound,
                Ok(Err(refused)) => match (repetitions, refused) {
                    (Some(more @ 2..), refused) if refused.too_big() => {
                        repetitions = Some(more / 2);
                        continue;
                    }
                    // Before there were exceptions, this was the end of the tree (RFC 1157, section 4.1.3).
                    (_, Refused { status: Some(ErrorStatus::NoSuchName), .. }) if self.version() == Version::V1 => {
                        return Ended::Whole;
                    }
                    (_, refused) => return refused.failure.into(),
                },
                Err(_) => return Ended::Limit("a walk was not finished in its time".to_owned()),
            };
            if bound.is_empty() {
                return Ended::Whole;
            }
            for VarBind { oid, value } in bound {
                if !oid.starts_with(column) || value == Value::EndOfMibView {
                    return Ended::Whole;
                }
                if value.is_exception() {
                    return Ended::Broken(format!("the device says {value} in a walk"));
                }
                if oid <= at {
                    return Ended::Broken("the device does not go up in a walk".to_owned());
                }
                if rows == WALK_ROWS {
                    return Ended::Limit(format!("the table has more than {WALK_ROWS} rows"));
                }
                rows += 1;
                if enough(&oid, &value) {
                    return Ended::Whole;
                }
                at = oid;
            }
        }
    }
}

impl From<Failure> for Ended {
    /// What smaller steps may mend: an answer that was lost on the way because it was large, or that the agent made wrong.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent => Self::Broken("the device did not answer in a walk".to_owned()),
            Failure::Refused(why) => Self::Broken(why),
            Failure::NotSent(why) => Self::Limit(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_bears_no_bulk_is_asked_row_by_row_and_tried_again_later() {
        let pace = Pace::default();
        assert_eq!(pace.step(), Step::Bulk(25));
        assert!(pace.slower());
        assert_eq!(pace.step(), Step::Bulk(8));
        assert!(pace.slower());
        assert_eq!(pace.step(), Step::Next);
        assert!(!pace.slower(), "there is nothing smaller");
        for _ in 0..WALKS_UNTIL_FASTER {
            assert_eq!(pace.step(), Step::Next);
            pace.went_well();
        }
        assert_eq!(pace.step(), Step::Bulk(8));
        (0..2 * WALKS_UNTIL_FASTER).for_each(|_| pace.went_well());
        assert_eq!(pace.step(), Step::Bulk(25));
    }
}
