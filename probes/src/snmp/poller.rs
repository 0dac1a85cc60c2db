//! Polls one device. One poll is: find the interfaces if need be, ask for them by index in as few requests as fit, and
//! find them again when the device shows that they moved.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use phusong_model::{Device, DeviceId, IfReading, LinkId, Millis, SensorReading, UtcMs, config::SnmpConfig};
use tokio::time::Instant;

use super::{
    Answer, Credentials, DeviceReport, SystemFacts, Transport,
    batch::{Batch, System, batches, uptime},
    counters::{Counters, Traffic, UptimeStep, uptime_step},
    exchange::{Failure, Session},
    mapping::{Mapping, Place},
    objects::Objects,
    oids,
    profile::{Optical, Profile, Profiles},
    reading::Row,
    search::Searches,
    sensors::Sensors,
    text,
};

/// How long one search of a device may take, all its walks together: half of the usual period, so that a device that
/// drips its rows is still asked by what is known.
const SEARCH_TIME: Duration = Duration::from_secs(30);

/// How long and how often a device is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long one request is waited for.
    pub timeout: Duration,
    /// How often a request without answer is repeated.
    pub retries: u8,
}

impl From<&SnmpConfig> for Timing {
    fn from(config: &SnmpConfig) -> Self {
        Self { timeout: config.timeout.0, retries: config.retries }
    }
}

/// Polls one device, one request at a time.
pub struct DevicePoller {
    device: DeviceId,
    /// Or why the device cannot be asked at all.
    session: Result<Session, String>,
    profile: Option<Arc<Profile>>,
    wanted: Vec<Wanted>,
    known: Option<Known>,
    searches: Searches,
    /// Values of another type than their MIB gives them, in this poll.
    mistyped: u16,
}

/// An interface of the inventory.
struct Wanted {
    name: String,
    link: Option<LinkId>,
    baseline: Option<Baseline>,
}

/// The reading before.
struct Baseline {
    if_index: u32,
    taken: Instant,
    counters: Counters,
}

/// What is remembered of a device between polls.
struct Known {
    mapping: Mapping,
    batches: Vec<Batch>,
    sensors: Sensors,
    descr: Option<String>,
    last_change: Option<u32>,
    uptime: Option<(u32, Instant)>,
}

/// All answers of one poll.
struct Round {
    system: System,
    rows: Vec<Option<Row>>,
    taken: Instant,
    mistyped: u16,
}

impl DevicePoller {
    /// A poller for the interfaces (by `ifName`) of a device. What makes the device impossible to ask, such as a
    /// credential that is not there, is said by every poll.
    #[must_use]
    pub fn new(
        transport: &Transport,
        device: &Device,
        interfaces: Vec<(String, Option<LinkId>)>,
        credentials: &Credentials,
        timing: Timing,
    ) -> Self {
        let profile = device.snmp.profile.as_deref();
        let wanted = interfaces.into_iter().map(|(name, link)| Wanted { name, link, baseline: None }).collect();
        Self {
            device: device.id.clone(),
            session: session(transport, device, credentials, timing),
            profile: profile.and_then(|name| Profiles::shipped().get(name).cloned()),
            wanted,
            known: None,
            searches: Searches::none(),
            mistyped: 0,
        }
    }

    /// The same with another profile than the shipped one of that name: one of the province's own.
    #[must_use]
    pub fn with_profile(self, profile: Option<Arc<Profile>>) -> Self {
        Self { profile, ..self }
    }

    /// Asks the device once. It takes at most a few time-outs: after the first request without answer no other is sent.
    pub async fn poll(&mut self, now: UtcMs) -> DeviceReport {
        if let Ok(session) = &self.session {
            session.start_count();
        }
        let mistyped_before = std::mem::take(&mut self.mistyped);
        self.searches.poll();
        let mut sensors = Vec::new();
        let answer = match self.ask(now, &mut sensors).await {
            Ok(answer) => answer,
            Err(Failure::Silent) => Answer::Silent,
            Err(Failure::Refused(why)) => Answer::Refused(why),
            Err(Failure::NotSent(why)) => Answer::NotSent(why),
        };
        if self.mistyped > 0 && mistyped_before == 0 {
            tracing::warn!(device = %self.device, values = self.mistyped, "values of the wrong type are not used");
        }
        if let (Ok(session), Answer::Refused(_)) = (&mut self.session, &answer) {
            session.forget_engine();
        }
        let (sent, lost, rtt) = self.session.as_ref().map_or((0, 0, None), Session::count);
        DeviceReport { device: self.device.clone(), answer, sensors, sent, lost, rtt, mistyped: self.mistyped }
    }

    async fn ask(&mut self, now: UtcMs, sensors: &mut Vec<SensorReading>) -> Result<Answer, Failure> {
        let optical = self.profile.as_ref().and_then(|profile| profile.optical.as_ref());
        let session = self.session.as_ref().map_err(|why| Failure::NotSent(why.clone()))?;
        let (known, fresh) = match self.known.take() {
            Some(known) if !self.searches.due(known.mapping.misses_any(), known.mapping.complete()) => {
                (self.known.insert(known), false)
            }
            Some(_) | None => {
                let found = find(session, &self.device, &self.wanted, self.profile.as_ref()).await?;
                self.searches.made();
                (self.known.insert(found), true)
            }
        };
        let mut round = ask_all(session, known, optical).await?;
        if !fresh && moved(known, &round, &self.wanted) {
            self.searches.want();
            if self.searches.due(known.mapping.misses_any(), known.mapping.complete()) {
                tracing::info!(device = %self.device, "interfaces are looked for again");
                *known = find(session, &self.device, &self.wanted, self.profile.as_ref()).await?;
                self.searches.made();
                round = ask_all(session, known, optical).await?;
            }
        }
        self.mistyped = round.mistyped;
        *sensors = known.sensors.ask(session).await;
        known.uptime = round.system.uptime.map(|uptime| (uptime, round.taken));
        let system = SystemFacts {
            uptime: round.system.uptime.map(|ticks| Millis(i64::from(ticks) * 10)),
            name: round.system.name.clone(),
            descr: known.descr.clone(),
        };
        let (readings, missing) = readings(&self.device, &mut self.wanted, known, round, now);
        Ok(Answer::Answered { system, readings, missing })
    }
}

fn session(
    transport: &Transport,
    device: &Device,
    credentials: &Credentials,
    timing: Timing,
) -> Result<Session, String> {
    let name = &device.snmp.credential;
    let auth = credentials.auth(name).ok_or_else(|| format!("there is no SNMP credential {name:?}"))?;
    let peer = transport
        .peer(SocketAddr::new(device.address, device.snmp.port))
        .map_err(|error| text::short(&error.to_string()))?;
    Session::new(peer, auth, credentials.engines(), timing).map_err(|error| text::short(&error.to_string()))
}

/// Asks for the system group and finds the interfaces.
async fn find(
    session: &Session,
    device: &DeviceId,
    wanted: &[Wanted],
    profile: Option<&Arc<Profile>>,
) -> Result<Known, Failure> {
    let optical = profile.and_then(|profile| profile.optical.as_ref());
    // Before the walk: a change during it is seen by the next poll.
    session.forget_absent();
    let taken = Instant::now();
    let asked = Objects::of(&[oids::sys_uptime(), oids::if_table_last_change(), oids::sys_descr()]);
    let asked = asked.map_err(|error| Failure::not_sent(&error))?;
    let values = session.get(&asked).await?;
    let names: Vec<&str> = wanted.iter().map(|w| w.name.as_str()).collect();
    let until = taken + SEARCH_TIME;
    let mapping = Mapping::find(session, until, &names, optical).await;
    let sensors = Sensors::find(session, until, profile, &names).await;
    for cut in mapping.cut.iter().chain(&sensors.cut) {
        tracing::warn!(%device, why = %cut, "a table was not read to its end: what stands behind is not seen");
    }
    Ok(Known {
        uptime: values.ticks(0).map(|uptime| (uptime, taken)),
        last_change: values.ticks(1),
        descr: values.shown(2),
        batches: batches(&mapping.places, optical, session.version()).map_err(|error| Failure::not_sent(&error))?,
        mapping,
        sensors,
    })
}

/// Asks for all interfaces that were found.
async fn ask_all(session: &Session, known: &Known, optical: Option<&Optical>) -> Result<Round, Failure> {
    let taken = Instant::now();
    let mut rows: Vec<Option<Row>> = vec![None; known.mapping.places.len()];
    let mut system = None;
    let mut mistyped: u16 = 0;
    for Batch { objects, rows: spans } in &known.batches {
        let values = match session.get(objects).await {
            Ok(values) => values,
            Err(failure) if system.is_none() => return Err(failure),
            // The device answered before: what it said stands, and the lost requests are counted.
            Err(failure) => {
                tracing::debug!(?failure, "the device answered only in part");
                break;
            }
        };
        let covered = values.cut_after().map_or(objects.len(), |(covered, _)| covered);
        // A row of which the device spoke only in part is none: a state that did not come is not unknown.
        for span in spans.iter().filter(|span| span.end <= covered) {
            if let Some(row) = rows.get_mut(span.at) {
                *row = Some(Row::of(&values, span.first, optical, session.version(), uptime(&values)));
            }
        }
        system.get_or_insert_with(|| System::of(&values));
        mistyped = mistyped.saturating_add(values.mistyped());
        if let Some((_, failure)) = values.cut_after() {
            tracing::debug!(?failure, "the device answered only in part");
            break;
        }
    }
    let system = system.unwrap_or(System { uptime: None, name: None, last_change: None });
    Ok(Round { system, rows, taken, mistyped })
}

/// Whether the device shows that its interfaces may have other indexes now.
fn moved(known: &Known, round: &Round, wanted: &[Wanted]) -> bool {
    let restarted = match (known.uptime, round.system.uptime) {
        (Some((before, taken)), Some(after)) => {
            uptime_step(before, after, round.taken.duration_since(taken)) == UptimeStep::Restarted
        }
        (Some(_), None) | (None, Some(_) | None) => false,
    };
    let renamed = round.rows.iter().zip(wanted).any(|(row, wanted)| row.as_ref().is_some_and(|row| !row.is(wanted)));
    restarted || renamed || known.last_change != round.system.last_change
}

impl Row {
    /// Whether the row still has the name that it was found by.
    fn is(&self, wanted: &Wanted) -> bool {
        self.name.as_ref() == Some(&wanted.name)
    }
}

/// Readings and missing names; every reading becomes the baseline of the next.
fn readings(
    device: &DeviceId,
    wanted: &mut [Wanted],
    known: &Known,
    round: Round,
    now: UtcMs,
) -> (Vec<IfReading>, Vec<String>) {
    let (mut readings, mut missing) = (Vec::new(), Vec::new());
    for ((wanted, place), row) in wanted.iter_mut().zip(&known.mapping.places).zip(round.rows) {
        match (place, row) {
            (Some(place), Some(row)) if row.is(wanted) => {
                let traffic = wanted.traffic(place, &row, round.taken);
                readings.push(reading(device, wanted, &row, traffic, now));
            }
            // A device whose rows change between two requests: nothing of them is believed.
            (Some(_), Some(_)) | (None, _) => missing.push(wanted.name.clone()),
            (Some(_), None) => {}
        }
    }
    (readings, missing)
}

impl Wanted {
    fn traffic(&mut self, place: &Place, row: &Row, taken: Instant) -> Traffic {
        let traffic = match &self.baseline {
            Some(before) if before.if_index == place.if_index => {
                row.counters.since(&before.counters, taken.duration_since(before.taken))
            }
            Some(_) | None => Traffic::default(),
        };
        self.baseline = Some(Baseline { if_index: place.if_index, taken, counters: row.counters });
        traffic
    }
}

fn reading(device: &DeviceId, wanted: &Wanted, row: &Row, traffic: Traffic, now: UtcMs) -> IfReading {
    let [in_bps, out_bps] = traffic.bps;
    let [in_err, out_err, in_disc, out_disc] = traffic.packets;
    IfReading {
        device: device.clone(),
        ifname: wanted.name.clone(),
        link: wanted.link.clone(),
        at: now,
        oper: row.oper,
        admin: row.admin,
        speed_bps: row.counters.speed_bps,
        in_bps,
        out_bps,
        in_err,
        out_err,
        in_disc,
        out_disc,
        rx: row.rx,
        tx: row.tx,
    }
}
