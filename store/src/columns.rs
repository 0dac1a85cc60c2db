//! Columns of a row, read one after the other into the words of `model`.

use std::str::FromStr;

use phusong_model::{
    BlindReason, Carrier, Cause, Dbm, EchoStats, EventId, IdError, IfReading, IfStatus, LinkState, Micros, Millis,
    Outage, OutageId, Outcome, Probe, RttSummary, Sample, Tick, Usual, UtcMs, Verdict, Worse,
};
use rusqlite::{Connection, Params, Row, types::FromSql};

use crate::{Failure, codes, document};

/// Columns of `tick` as [`Columns::tick`] reads them.
pub(crate) const TICK: &str = "at, period_ms, slip_ms, blind";

/// Columns of `sample` as [`Columns::echo`] reads them.
pub(crate) const ECHO: &str = "sample.sent, sample.lost, sample.rtt_min_us, sample.rtt_median_us, sample.rtt_p95_us, \
     sample.rtt_max_us, sample.jitter_us";

/// Columns of `reading`, joined with `interface` and with `link` as `reading_link`, as [`Columns::reading`] reads them.
pub(crate) const READING: &str = "interface.device, interface.ifname, reading_link.id, reading.at, reading.oper, \
     reading.admin, reading.speed_bps, reading.in_bps, reading.out_bps, reading.in_err, reading.out_err, \
     reading.in_disc, reading.out_disc, reading.rx_dbm, reading.tx_dbm";

/// Columns of `usual` as [`Columns::usual`] reads them.
pub(crate) const USUAL: &str = "usual.rtt_us, usual.rtt_high_us, usual.loss, usual.rounds";

/// Runs a query and reads all its rows.
pub(crate) fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(&mut Columns { row, next: 0 })?);
    }
    Ok(all)
}

/// Runs a query and reads its first row, if it has one.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(|row| read(&mut Columns { row, next: 0 })).transpose()
}

/// A row and how far it has been read.
pub(crate) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl Columns<'_> {
    /// The next column as SQLite has it.
    pub(crate) fn value<T: FromSql>(&mut self) -> Result<T, Failure> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// A number that fits the type it came from.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Failure> {
        let value: i64 = self.value()?;
        T::try_from(value).map_err(|_| damaged("number", value))
    }

    /// As [`Columns::number`], or NULL.
    fn maybe_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Failure> {
        let value: Option<i64> = self.value()?;
        value.map(|value| T::try_from(value).map_err(|_| damaged("number", value))).transpose()
    }

    /// An unsigned number kept by its bits, or NULL.
    fn maybe_bits(&mut self) -> Result<Option<u64>, Failure> {
        Ok(self.value::<Option<i64>>()?.map(i64::cast_unsigned))
    }

    /// An instant.
    pub(crate) fn at(&mut self) -> Result<UtcMs, Failure> {
        Ok(UtcMs(self.value()?))
    }

    /// An instant, or NULL.
    pub(crate) fn maybe_at(&mut self) -> Result<Option<UtcMs>, Failure> {
        Ok(self.value::<Option<i64>>()?.map(UtcMs))
    }

    /// An id, checked as where it entered.
    pub(crate) fn id<T: FromStr<Err = IdError>>(&mut self) -> Result<T, Failure> {
        let text: String = self.value()?;
        text.parse().map_err(|error| Failure::Damaged(format!("id {text:?}: {error}")))
    }

    /// An id, or NULL.
    pub(crate) fn maybe_id<T: FromStr<Err = IdError>>(&mut self) -> Result<Option<T>, Failure> {
        let text: Option<String> = self.value()?;
        text.map(|text| text.parse().map_err(|error| Failure::Damaged(format!("id {text:?}: {error}")))).transpose()
    }

    /// A state.
    pub(crate) fn state(&mut self) -> Result<LinkState, Failure> {
        let code = self.value()?;
        LinkState::from_code(code).ok_or_else(|| damaged("state", code))
    }

    /// Why we could not look, or NULL.
    pub(crate) fn blind(&mut self) -> Result<Option<BlindReason>, Failure> {
        let code: Option<i64> = self.value()?;
        code.map(|code| codes::blind_of(code).ok_or_else(|| damaged("blind reason", code))).transpose()
    }

    /// What is worse about a degraded link, or NULL.
    pub(crate) fn worse(&mut self) -> Result<Option<Worse>, Failure> {
        let code: Option<i64> = self.value()?;
        code.map(|code| codes::worse_of(code).ok_or_else(|| damaged("way to be degraded", code))).transpose()
    }

    /// The columns of [`USUAL`]; none when they are NULL.
    pub(crate) fn usual(&mut self) -> Result<Option<Usual>, Failure> {
        let (rtt, rtt_high) = (self.micros()?, self.micros()?);
        let (loss, rounds) = (self.value()?, self.maybe_number()?);
        let learned = rtt.zip(rtt_high).zip(rounds);
        Ok(learned.map(|((rtt, rtt_high), rounds)| Usual { rtt, rtt_high, loss, rounds }))
    }

    /// Two columns: the cause and what carries the link.
    pub(crate) fn cause(&mut self) -> Result<Option<Cause>, Failure> {
        let code: Option<i64> = self.value()?;
        let carrier: Option<Carrier> = self.maybe_id()?;
        match code {
            None if carrier.is_none() => Ok(None),
            None => Err(damaged("cause", -1)),
            Some(code) => codes::cause_of(code, carrier).map(Some).ok_or_else(|| damaged("cause", code)),
        }
    }

    /// Four columns: those of [`Columns::cause`], the confidence, and the evidence.
    pub(crate) fn verdict(&mut self) -> Result<Verdict, Failure> {
        let cause = self.cause()?.ok_or_else(|| damaged("cause of an outage", -1))?;
        let code = self.value()?;
        let confidence = codes::confidence_of(code).ok_or_else(|| damaged("confidence", code))?;
        let evidence = document::read("evidence", &self.value::<String>()?)?;
        Ok(Verdict { cause, confidence, evidence })
    }

    /// The columns of [`TICK`].
    pub(crate) fn tick(&mut self) -> Result<Tick, Failure> {
        Ok(Tick { at: self.at()?, period: Millis(self.value()?), slip: Millis(self.value()?), blind: self.blind()? })
    }

    /// The columns of [`ECHO`]; none when they are NULL.
    pub(crate) fn echo(&mut self) -> Result<Option<EchoStats>, Failure> {
        let (sent, lost) = (self.maybe_number()?, self.maybe_number()?);
        let rtt = match (self.micros()?, self.micros()?, self.micros()?, self.micros()?, self.micros()?) {
            (Some(min), Some(median), Some(p95), Some(max), Some(jitter)) => {
                Some(RttSummary { min, median, p95, max, jitter })
            }
            _ => None,
        };
        Ok(sent.zip(lost).map(|(sent, lost)| EchoStats { sent, lost, rtt }))
    }

    /// How a link was looked at.
    pub(crate) fn probe(&mut self) -> Result<Probe, Failure> {
        let code = self.value()?;
        codes::probe_of(code).ok_or_else(|| damaged("probe", code))
    }

    /// Id of the link, probe, blind reason, and the columns of [`ECHO`].
    pub(crate) fn sample(&mut self) -> Result<Sample, Failure> {
        let (link, probe) = (self.id()?, self.probe()?);
        let outcome = match (self.blind()?, self.echo()?) {
            (Some(reason), None) => Outcome::Blind(reason),
            (None, Some(stats)) => Outcome::Measured(stats),
            (Some(_), Some(_)) | (None, None) => {
                return Err(Failure::Damaged(format!("outcome of probe {}", probe.id())));
            }
        };
        Ok(Sample { link, probe, outcome })
    }

    /// The columns of [`READING`]; none when they are NULL.
    pub(crate) fn reading(&mut self) -> Result<Option<IfReading>, Failure> {
        let Some(device) = self.maybe_id()? else { return Ok(None) };
        Ok(Some(IfReading {
            device,
            ifname: self.value()?,
            link: self.maybe_id()?,
            at: self.at()?,
            oper: IfStatus::from_mib(self.value()?),
            admin: IfStatus::from_mib(self.value()?),
            speed_bps: self.maybe_bits()?,
            in_bps: self.value()?,
            out_bps: self.value()?,
            in_err: self.maybe_bits()?,
            out_err: self.maybe_bits()?,
            in_disc: self.maybe_bits()?,
            out_disc: self.maybe_bits()?,
            rx: self.value::<Option<f64>>()?.map(Dbm),
            tx: self.value::<Option<f64>>()?.map(Dbm),
        }))
    }

    /// An outage with its last verdict.
    pub(crate) fn outage(&mut self) -> Result<Outage, Failure> {
        Ok(Outage {
            id: OutageId(self.value()?),
            link: self.id()?,
            start: self.at()?,
            end: self.maybe_at()?,
            decided: self.at()?,
            blind: Millis(self.value()?),
            verdict: self.verdict()?,
            start_error: Millis(self.value()?),
            end_error: Millis(self.value()?),
            event: EventId(self.value()?),
        })
    }

    /// A length of time.
    pub(crate) fn millis(&mut self) -> Result<Millis, Failure> {
        Ok(Millis(self.value()?))
    }

    /// A round-trip time, or NULL.
    pub(crate) fn micros(&mut self) -> Result<Option<Micros>, Failure> {
        Ok(self.maybe_number()?.map(Micros))
    }
}

fn damaged(what: &str, value: i64) -> Failure {
    Failure::Damaged(format!("{value} is no {what}"))
}
