//! Spans and outages: how a change rewrites them.
//!
//! A link is *in* from `entered_at` to `left_at`. While it is in, its spans follow one another without a hole and the
//! last one is open; outside it has none. What happened before it entered is never rewritten.

use std::collections::BTreeSet;

use phusong_model::{BlindReason, Change, Edge, Event, LinkId, LinkState, OutageId, Transition, Usual, UtcMs, Verdict};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Failure, codes, document, keys::Keys};

/// Applies changes inside one transaction and remembers whose state or cause they touched.
pub(crate) struct Timeline<'t> {
    transaction: &'t Connection,
    keys: &'t mut Keys,
    touched: BTreeSet<i64>,
    /// Which of them the last change touched first.
    newly: Vec<i64>,
}

/// What came of a change that may contradict what is stored.
pub(crate) enum Fits {
    /// It is written.
    Yes,
    /// It is as if it had not been tried, for this reason.
    No(&'static str),
}

impl<'t> Timeline<'t> {
    /// A timeline that nothing has touched yet.
    pub(crate) fn new(transaction: &'t Connection, keys: &'t mut Keys) -> Self {
        Self { transaction, keys, touched: BTreeSet::new(), newly: Vec::new() }
    }

    /// Applies one change.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<(), Failure> {
        match change {
            Change::State(transition) => self.state(transition),
            Change::OutageOpens { id, link, start, decided, verdict } => {
                self.outage_opens(*id, link, *start, *decided, verdict)
            }
            Change::OutageVerdict { id, link, at, verdict } => self.outage_verdict(*id, link, *at, verdict),
            Change::OutageBlind { link, length } => self.on_open_outage(link, |tx, key| {
                tx.prepare_cached("UPDATE outage SET blind_ms = blind_ms + ?2 WHERE link = ?1 AND end_at IS NULL")?
                    .execute((key, length.0))
            }),
            Change::OutageEnds { link, end } => {
                let key = self.keys.link(self.transaction, link)?;
                self.touch(key);
                self.on_open_outage(link, |tx, key| end_outage(tx, key, *end))
            }
            Change::OutageJoins { id, link, event } => {
                let joins = "UPDATE outage SET event = ?2 WHERE id = ?1";
                let joined = self.transaction.prepare_cached(joins)?.execute((id.0, event.0))?;
                must_be_there(joined, link)
            }
            Change::Event(event) => self.event(event),
            Change::Usual { link, usual } => self.usual(link, *usual),
            Change::Leaves { link, at } => {
                let key = self.keys.link(self.transaction, link)?;
                self.leaves(key, *at)
            }
        }
    }

    /// Applies one change, or leaves everything as it was where it contradicts what is stored.
    pub(crate) fn apply_if_it_fits(&mut self, change: &Change) -> Result<Fits, Failure> {
        self.newly.clear();
        self.run("SAVEPOINT change")?;
        let fits = match self.apply(change) {
            Ok(()) => Fits::Yes,
            Err(Failure::Contradiction { what, .. }) => {
                self.run("ROLLBACK TO change")?;
                // Keys that it gave out are given to others now.
                self.keys.forget();
                for key in self.newly.drain(..) {
                    self.touched.remove(&key);
                }
                Fits::No(what)
            }
            Err(failure) => return Err(failure),
        };
        self.run("RELEASE change")?;
        Ok(fits)
    }

    fn run(&self, sql: &str) -> Result<(), Failure> {
        self.transaction.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn touch(&mut self, key: i64) {
        if self.touched.insert(key) {
            self.newly.push(key);
        }
    }

    /// Writes, for every link whose state or cause was touched, what it is now.
    pub(crate) fn note(self, seq: i64) -> Result<(), Failure> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO state_change (tick, link, state, since, cause, cause_link, blind, worse, outage)
             SELECT ?1, span.link, span.state, span.from_at, span.cause, span.cause_link, span.blind, span.worse, outage.id
             FROM span LEFT JOIN outage ON outage.link = span.link AND outage.end_at IS NULL
             WHERE span.link = ?2 AND span.to_at IS NULL",
        )?;
        for key in self.touched {
            insert.execute((seq, key))?;
        }
        Ok(())
    }

    /// Ends an outage that is open in the store and that nobody knows of: its end was lost with what was damaged. A link
    /// has been as it is `since` then; an open one with the number `open` stays.
    pub(crate) fn end_others(&mut self, link: &LinkId, since: UtcMs, open: Option<OutageId>) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, link)?;
        self.transaction
            .prepare_cached(
                "UPDATE outage SET end_at = max(start_at, ?2) WHERE link = ?1 AND end_at IS NULL AND id IS NOT ?3",
            )?
            .execute((key, since.0, open.map(|id| id.0)))?;
        Ok(())
    }

    /// The link is in the inventory: if it was not in, it enters at `at`, undecided.
    pub(crate) fn present(&mut self, link: &LinkId, at: UtcMs) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, link)?;
        if entered(self.transaction, key)?.is_none() {
            let from = self.enter(key, at)?;
            let undecided = Transition {
                link: link.clone(),
                state: LinkState::Blind,
                from,
                cause: None,
                blind: Some(BlindReason::NotYetProbed),
                worse: None,
            };
            self.open_span(key, from, &undecided)?;
        }
        Ok(())
    }

    /// The link is in no longer: its open span and outage end. Nothing happens when it was not in.
    pub(crate) fn leaves(&mut self, key: i64, at: UtcMs) -> Result<(), Failure> {
        let Some(entered) = entered(self.transaction, key)? else { return Ok(()) };
        let at = at.max(entered);
        self.cut(key, at)?;
        end_outage(self.transaction, key, Edge::sharp(at))?;
        self.transaction.prepare_cached("DELETE FROM link_now WHERE link = ?1")?.execute([key])?;
        self.transaction.prepare_cached("DELETE FROM usual WHERE link = ?1")?.execute([key])?;
        self.transaction.prepare_cached("UPDATE link SET left_at = ?2 WHERE key = ?1")?.execute((key, at.0))?;
        Ok(())
    }

    fn state(&mut self, transition: &Transition) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, &transition.link)?;
        self.touch(key);
        let from = match entered(self.transaction, key)? {
            Some(entered) => transition.from.max(entered),
            None => self.enter(key, transition.from)?,
        };
        self.cut(key, from)?;
        self.open_span(key, from, transition)?;
        self.merge(key)
    }

    fn outage_opens(
        &mut self,
        id: OutageId,
        link: &LinkId,
        start: Edge,
        decided: UtcMs,
        verdict: &Verdict,
    ) -> Result<(), Failure> {
        self.present(link, start.at)?;
        let key = self.keys.link(self.transaction, link)?;
        self.touch(key);
        let from = entered(self.transaction, key)?.map_or(start.at, |entered| start.at.max(entered));
        let (cause, cause_link) = self.keys.cause(self.transaction, Some(&verdict.cause))?;
        let inserted = self
            .transaction
            .prepare_cached(
                "INSERT INTO outage (id, link, start_at, start_error_ms, decided_at, cause, cause_link, confidence,
                   evidence, blind_ms, event)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?1) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                id.0,
                key,
                from.0,
                start.error.0,
                decided.0,
                cause,
                cause_link,
                codes::confidence(verdict.confidence),
                document::write("evidence", &verdict.evidence)?,
            ])?;
        if inserted == 0 {
            return Err(contradiction(link, "an outage opens while one is open"));
        }
        self.keep_verdict(id, decided, verdict)
    }

    /// The last verdict is the outage's own. While it is open, its open `down` span takes the cause too.
    fn outage_verdict(&mut self, id: OutageId, link: &LinkId, at: UtcMs, verdict: &Verdict) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, link)?;
        let (cause, cause_link) = self.keys.cause(self.transaction, Some(&verdict.cause))?;
        let confidence = codes::confidence(verdict.confidence);
        let evidence = document::write("evidence", &verdict.evidence)?;
        let is_open: Option<bool> = self
            .transaction
            .prepare_cached(
                "UPDATE outage SET cause = ?3, cause_link = ?4, confidence = ?5, evidence = ?6
                 WHERE id = ?1 AND link = ?2 RETURNING end_at IS NULL",
            )?
            .query_row(params![id.0, key, cause, cause_link, confidence, evidence], |row| row.get(0))
            .optional()?;
        let Some(is_open) = is_open else { return must_be_there(0, link) };
        self.keep_verdict(id, at, verdict)?;
        if is_open {
            self.touch(key);
            self.transaction
                .prepare_cached(
                    "UPDATE span SET cause = ?2, cause_link = ?3 WHERE link = ?1 AND to_at IS NULL AND state = ?4",
                )?
                .execute((key, cause, cause_link, LinkState::Down.code()))?;
            self.merge(key)?;
        }
        Ok(())
    }

    fn keep_verdict(&mut self, id: OutageId, at: UtcMs, verdict: &Verdict) -> Result<(), Failure> {
        let (cause, cause_link) = self.keys.cause(self.transaction, Some(&verdict.cause))?;
        self.transaction
            .prepare_cached(
                "INSERT INTO verdict (outage, number, at, cause, cause_link, confidence, evidence)
                 SELECT ?1, 1 + count(*), ?2, ?3, ?4, ?5, ?6 FROM verdict WHERE outage = ?1",
            )?
            .execute(params![
                id.0,
                at.0,
                cause,
                cause_link,
                codes::confidence(verdict.confidence),
                document::write("evidence", &verdict.evidence)?,
            ])?;
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        let carrier = event.by.as_ref().map(|by| self.keys.carrier(self.transaction, by)).transpose()?;
        let together = event.together.as_ref().map(|common| document::write("event", common)).transpose()?;
        self.transaction
            .prepare_cached("INSERT OR REPLACE INTO event (id, carrier, together, flapping) VALUES (?1, ?2, ?3, ?4)")?
            .execute((event.id.0, carrier, together, event.flapping))?;
        Ok(())
    }

    /// Runs an update that must meet the open outage of a link. A link that is not in has none, and needs none.
    fn on_open_outage(
        &mut self,
        link: &LinkId,
        update: impl FnOnce(&Connection, i64) -> rusqlite::Result<usize>,
    ) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, link)?;
        if update(self.transaction, key)? == 0 && entered(self.transaction, key)?.is_some() {
            return Err(contradiction(link, "no outage is open that could change or end"));
        }
        Ok(())
    }

    /// The link comes in, not before it left the last time.
    fn enter(&mut self, key: i64, at: UtcMs) -> Result<UtcMs, Failure> {
        let at = self
            .transaction
            .prepare_cached(
                "UPDATE link SET entered_at = max(?2, coalesce(left_at, ?2)), left_at = NULL WHERE key = ?1
                 RETURNING entered_at",
            )?
            .query_row((key, at.0), |row| row.get(0))?;
        Ok(UtcMs(at))
    }

    /// Removes what the spans of a link say from `at` on.
    fn cut(&mut self, key: i64, at: UtcMs) -> Result<(), Failure> {
        self.transaction.prepare_cached("DELETE FROM span WHERE link = ?1 AND from_at >= ?2")?.execute((key, at.0))?;
        self.transaction
            .prepare_cached(
                "UPDATE span SET to_at = ?2 WHERE link = ?1 AND (to_at IS NULL OR to_at > ?2)
                 AND from_at = (SELECT max(from_at) FROM span WHERE link = ?1)",
            )?
            .execute((key, at.0))?;
        Ok(())
    }

    fn open_span(&mut self, key: i64, from: UtcMs, to: &Transition) -> Result<(), Failure> {
        let (cause, cause_link) = self.keys.cause(self.transaction, to.cause.as_ref())?;
        let (blind, worse) = (to.blind.map(codes::blind), to.worse.map(codes::worse));
        self.transaction
            .prepare_cached(
                "INSERT INTO span (link, from_at, state, cause, cause_link, blind, worse)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![key, from.0, to.state.code(), cause, cause_link, blind, worse])?;
        Ok(())
    }

    fn usual(&mut self, link: &LinkId, usual: Usual) -> Result<(), Failure> {
        let key = self.keys.link(self.transaction, link)?;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO usual (link, rtt_us, rtt_high_us, loss, rounds) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![key, usual.rtt.0, usual.rtt_high.0, usual.loss, usual.rounds])?;
        Ok(())
    }

    /// Makes the open span and the one before it one span when they say the same.
    fn merge(&mut self, key: i64) -> Result<(), Failure> {
        let joined: Option<(i64, i64)> = self
            .transaction
            .prepare_cached(
                "SELECT before.from_at, last.from_at
                 FROM span last JOIN span before ON before.link = last.link AND before.from_at =
                   (SELECT max(from_at) FROM span WHERE link = last.link AND from_at < last.from_at)
                 JOIN link ON link.key = last.link
                 WHERE last.link = ?1 AND last.to_at IS NULL AND before.to_at = last.from_at
                   AND before.from_at >= link.entered_at AND before.state = last.state
                   AND before.cause IS last.cause AND before.cause_link IS last.cause_link AND before.blind IS last.blind
                   AND before.worse IS last.worse",
            )?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((before, last)) = joined {
            self.transaction
                .prepare_cached("DELETE FROM span WHERE link = ?1 AND from_at = ?2")?
                .execute((key, last))?;
            self.transaction
                .prepare_cached("UPDATE span SET to_at = NULL WHERE link = ?1 AND from_at = ?2")?
                .execute((key, before))?;
        }
        Ok(())
    }
}

/// When a link entered; none when it is not in.
fn entered(transaction: &Connection, key: i64) -> Result<Option<UtcMs>, Failure> {
    let at: Option<Option<i64>> = transaction
        .prepare_cached("SELECT entered_at FROM link WHERE key = ?1 AND left_at IS NULL")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(at.flatten().map(UtcMs))
}

/// Ends the open outage, never before its start.
fn end_outage(transaction: &Connection, key: i64, end: Edge) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(
            "UPDATE outage SET end_at = max(start_at, ?2), end_error_ms = ?3 WHERE link = ?1 AND end_at IS NULL",
        )?
        .execute((key, end.at.0, end.error.0))
}

fn contradiction(link: &LinkId, what: &'static str) -> Failure {
    Failure::Contradiction { link: link.clone(), what }
}

/// An outage that is changed by its number must be there.
fn must_be_there(changed: usize, link: &LinkId) -> Result<(), Failure> {
    if changed == 0 {
        return Err(contradiction(link, "no outage has that number"));
    }
    Ok(())
}
