//! What a router of the example answers: its objects and their values over time. Pure; time is passed in.

use std::time::Duration;

use snmp::{Oid, Value, oid};

/// Nominal speed of every interface in Mbit/s.
const SPEED_MBIT: u32 = 1000;
/// Mean traffic in bit/s: a commune office at work.
const MEAN_BPS: f64 = 18e6;
/// Length of a swell of traffic in seconds: short, so that a visitor sees it move.
const SWELL_S: f64 = 240.0;
/// Received power of a healthy fibre in hundredths of a dBm, and how far it drifts.
const RX_CENTIDBM: f64 = -1_450.0;
const RX_DRIFT: f64 = 60.0;
/// Received power of a cut fibre: what a receiver shows in the dark.
const DARK_CENTIDBM: i32 = -4_000;
/// How long the routers had been up when the demo began, in seconds.
const UP_BEFORE_S: u64 = 40 * 86_400;

/// An object that a router has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Object {
    /// Of the device.
    Scalar(Scalar),
    /// Of an interface: the column, and the `ifIndex`.
    Cell(Column, u32),
}

/// Objects of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scalar {
    Descr,
    Uptime,
    Name,
    TableLastChange,
}

/// Columns of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Descr,
    Admin,
    Oper,
    InDiscards,
    InErrors,
    OutDiscards,
    OutErrors,
    Name,
    InOctets,
    OutOctets,
    HighSpeed,
    Alias,
    Discontinuity,
    Rx,
    Tx,
}

/// In the order of their OIDs.
const SCALARS: [Scalar; 4] = [Scalar::Descr, Scalar::Uptime, Scalar::Name, Scalar::TableLastChange];
const COLUMNS: [Column; 15] = [
    Column::Descr,
    Column::Admin,
    Column::Oper,
    Column::InDiscards,
    Column::InErrors,
    Column::OutDiscards,
    Column::OutErrors,
    Column::Name,
    Column::InOctets,
    Column::OutOctets,
    Column::HighSpeed,
    Column::Alias,
    Column::Discontinuity,
    Column::Rx,
    Column::Tx,
];

impl Scalar {
    fn oid(self) -> Oid {
        match self {
            Self::Descr => oid!(1, 3, 6, 1, 2, 1, 1, 1, 0),
            Self::Uptime => oid!(1, 3, 6, 1, 2, 1, 1, 3, 0),
            Self::Name => oid!(1, 3, 6, 1, 2, 1, 1, 5, 0),
            Self::TableLastChange => oid!(1, 3, 6, 1, 2, 1, 31, 1, 5, 0),
        }
    }
}

impl Column {
    fn oid(self) -> Oid {
        let if_entry = |column| oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, column);
        let if_x_entry = |column| oid!(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column);
        let dom = |column| oid!(1, 3, 6, 1, 4, 1, 2636, 3, 60, 1, 1, 1, 1, column);
        match self {
            Self::Descr => if_entry(2),
            Self::Admin => if_entry(7),
            Self::Oper => if_entry(8),
            Self::InDiscards => if_entry(13),
            Self::InErrors => if_entry(14),
            Self::OutDiscards => if_entry(19),
            Self::OutErrors => if_entry(20),
            Self::Name => if_x_entry(1),
            Self::InOctets => if_x_entry(6),
            Self::OutOctets => if_x_entry(10),
            Self::HighSpeed => if_x_entry(15),
            Self::Alias => if_x_entry(18),
            Self::Discontinuity => if_x_entry(19),
            Self::Rx => dom(5),
            Self::Tx => dom(7),
        }
    }
}

impl Object {
    /// The object with this OID, whether or not a router has that row.
    pub(super) fn at(oid: &Oid) -> Option<Self> {
        if let Some(scalar) = SCALARS.into_iter().find(|scalar| scalar.oid() == *oid) {
            return Some(Self::Scalar(scalar));
        }
        let row = |column: &Column| match oid.strip_prefix(&column.oid())?.arcs() {
            [index] => Some(Self::Cell(*column, *index)),
            _ => None,
        };
        COLUMNS.iter().find_map(row)
    }

    fn oid(self) -> Oid {
        match self {
            Self::Scalar(scalar) => scalar.oid(),
            Self::Cell(column, index) => column.oid().child(index),
        }
    }
}

/// One router.
#[derive(Debug)]
pub(super) struct Router {
    name: String,
    interfaces: Vec<Interface>,
    powered: bool,
    /// When it was started during the demo, if it was.
    started: Option<Duration>,
}

#[derive(Debug)]
struct Interface {
    name: String,
    up: bool,
    optical: bool,
    /// Where in its swell the traffic began, between 0 and 1.
    phase: f64,
    octets: [f64; 2],
    counted_to: Duration,
}

impl Router {
    /// A router whose first interface has an optical module. `seed` gives it traffic of its own.
    pub(super) fn new(name: &str, interfaces: &[String], seed: u64) -> Self {
        let interface = |(at, name): (usize, &String)| Interface {
            name: name.clone(),
            up: true,
            optical: at == 0,
            phase: (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(at as u32 * 16) % 1000) as f64 / 1000.0,
            octets: [UP_BEFORE_S as f64 * MEAN_BPS / 8.0; 2],
            counted_to: Duration::ZERO,
        };
        let interfaces = interfaces.iter().enumerate().map(interface).collect();
        Self { name: name.to_owned(), interfaces, powered: true, started: None }
    }

    /// From `now` on it has power or none; with power that comes back it starts anew.
    pub(super) fn set_power(&mut self, now: Duration, powered: bool) {
        if powered && !self.powered {
            self.started = Some(now);
        }
        self.powered = powered;
    }

    /// From `now` on these interfaces have no signal, and all others have.
    pub(super) fn set_down(&mut self, now: Duration, down: &[String]) {
        for interface in &mut self.interfaces {
            interface.count_to(now);
            interface.up = !down.contains(&interface.name);
        }
    }

    /// The value of an object; none where there is no such row.
    pub(super) fn value(&mut self, object: Object, now: Duration) -> Option<Value> {
        match object {
            Object::Scalar(scalar) => Some(match scalar {
                Scalar::Descr => text("example router of the phusong demo"),
                Scalar::Uptime => {
                    let up = match self.started {
                        Some(started) => now.saturating_sub(started).as_millis() / 10,
                        None => u128::from(UP_BEFORE_S) * 100 + now.as_millis() / 10,
                    };
                    Value::TimeTicks((up % (1 << 32)) as u32)
                }
                Scalar::Name => text(&self.name),
                Scalar::TableLastChange => Value::TimeTicks(0),
            }),
            Object::Cell(column, index) => {
                let at = usize::try_from(index.checked_sub(1)?).ok()?;
                self.interfaces.get_mut(at)?.value(column, now)
            }
        }
    }

    /// The first object after an OID, with its value.
    pub(super) fn next(&mut self, after: &Oid, now: Duration) -> Option<(Oid, Value)> {
        let rows = u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX);
        let cells = COLUMNS.into_iter().flat_map(|column| (1..=rows).map(move |index| Object::Cell(column, index)));
        let mut objects: Vec<(Oid, Object)> = SCALARS
            .into_iter()
            .map(Object::Scalar)
            .chain(cells)
            .map(|object| (object.oid(), object))
            .filter(|(oid, _)| oid > after)
            .collect();
        objects.sort();
        objects.into_iter().find_map(|(oid, object)| Some((oid, self.value(object, now)?)))
    }
}

impl Interface {
    fn value(&mut self, column: Column, now: Duration) -> Option<Value> {
        self.count_to(now);
        let status = |up: bool| Value::Integer(if up { 1 } else { 2 });
        let [in_octets, out_octets] = self.octets;
        Some(match column {
            Column::Descr | Column::Name => text(&self.name),
            Column::Alias => text(""),
            Column::Admin => status(true),
            Column::Oper => status(self.up),
            Column::InDiscards | Column::InErrors | Column::OutDiscards | Column::OutErrors => Value::Counter32(0),
            Column::InOctets => Value::Counter64(in_octets as u64),
            Column::OutOctets => Value::Counter64(out_octets as u64),
            Column::HighSpeed => Value::Gauge32(SPEED_MBIT),
            Column::Discontinuity => Value::TimeTicks(0),
            Column::Rx | Column::Tx if !self.optical => return None,
            Column::Rx if !self.up => Value::Integer(DARK_CENTIDBM),
            Column::Rx => Value::Integer((RX_CENTIDBM + RX_DRIFT * self.swell(now)) as i32),
            Column::Tx => Value::Integer(-210),
        })
    }

    /// Between -1 and 1.
    fn swell(&self, now: Duration) -> f64 {
        ((now.as_secs_f64() / SWELL_S + self.phase) * std::f64::consts::TAU).sin()
    }

    /// Counts the octets that passed since they were counted last; nothing passes a dark fibre.
    fn count_to(&mut self, now: Duration) {
        let seconds = now.saturating_sub(self.counted_to).as_secs_f64();
        if self.up {
            let bps = MEAN_BPS * (1.0 + 0.5 * self.swell(now));
            let [incoming, outgoing] = &mut self.octets;
            *incoming += seconds * bps / 8.0;
            *outgoing += seconds * bps / 8.0 / 5.0;
        }
        self.counted_to = now;
    }
}

fn text(text: &str) -> Value {
    Value::OctetString(text.as_bytes().to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router {
        Router::new("router", &["ge-0/0/0".to_owned(), "ge-0/0/1".to_owned()], 7)
    }

    #[test]
    fn a_walk_meets_every_object_once_and_in_order() {
        let mut router = router();
        let mut at = oid!(1, 3);
        let mut met = Vec::new();
        while let Some((oid, value)) = router.next(&at, Duration::ZERO) {
            assert!(oid > at);
            assert_eq!(Object::at(&oid).and_then(|object| router.value(object, Duration::ZERO)), Some(value));
            met.push(oid.clone());
            at = oid;
        }
        // 4 of the device, 13 columns of two interfaces, 2 of the one with optics.
        assert_eq!(met.len(), 4 + 13 * 2 + 2);
    }

    #[test]
    fn a_router_that_had_no_power_starts_anew() {
        let mut router = router();
        let mut uptime = |second: u64, powered: bool| {
            let now = Duration::from_secs(second);
            router.set_power(now, powered);
            router.value(Object::Scalar(Scalar::Uptime), now)
        };
        let up = |seconds: u64| Some(Value::TimeTicks(u32::try_from(seconds * 100).expect("ticks")));
        assert_eq!(uptime(100, true), up(UP_BEFORE_S + 100));
        let _dark = uptime(200, false);
        assert_eq!((uptime(300, true), uptime(310, true)), (up(0), up(10)));
    }

    #[test]
    fn counters_grow_only_while_the_interface_is_up() {
        let mut router = router();
        let octets = |router: &mut Router, second| {
            let value = router.value(Object::Cell(Column::InOctets, 1), Duration::from_secs(second));
            value.and_then(|value| value.as_u64()).expect("counter")
        };
        let (start, minute) = (octets(&mut router, 0), octets(&mut router, 60));
        let mbit = (minute - start) as f64 * 8.0 / 60.0 / 1e6;
        assert!((5.0..40.0).contains(&mbit), "{mbit}");
        router.set_down(Duration::from_secs(60), &["ge-0/0/0".to_owned()]);
        assert_eq!(octets(&mut router, 600), minute);
        router.set_down(Duration::from_secs(600), &[]);
        assert!(octets(&mut router, 660) > minute);
    }
}
