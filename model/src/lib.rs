//! The words of phusong, shared by every other crate: ids, units, time, the network and the places it serves,
//! samples, states, outages, coverage, the inventory and the configuration as read and checked from files, and
//! the answers that daemon, CLI and page exchange.
//!
//! Nothing here talks to a socket or a database, and nothing here decides whether a link is down.
//!
//! ```
//! use phusong_model::{fold, CommuneCode};
//! let code: CommuneCode = "02221".parse().unwrap();
//! assert_eq!(code.as_str(), "02221");
//! assert_eq!(fold("Nà Hang"), "nahang");
//! ```

mod ids;
mod time;
mod units;

mod maintenance;
mod network;
mod place;
mod service;

mod cause;
mod change;
mod notification;
mod observation;
mod outage;
mod sample;
mod state;

mod contradiction;
mod coverage;
mod gap;
mod import;
mod scope;

mod bounded;
mod causes;
mod fault;
mod findings;
mod hostile;
mod names;
mod suggest;

pub mod answer;
mod close_up;
pub mod command;
pub mod config;
mod evidence;
pub mod glossary;
pub mod inventory;

pub use cause::{Carrier, Cause, Clue, Confidence, Revision, Sign, Verdict};
pub use causes::chain;
pub use change::{Change, Transition};
pub use close_up::{CloseUp, CloseUpOf, LookTimes, Looks};
pub use contradiction::{
    CONTRADICTION_TESTS_MAX, Contradiction, ContradictionPlace, MeasuredSignal, Signal, SignalTest,
};
pub use coverage::{
    CoverageFigure, CoverageGap, CoverageSource, Grade, NearestSite, PeopleBase, PowerCounts, RuleMark,
    SettlementCounts, Technology,
};
pub use evidence::{
    ChannelHealth, Evidence, Health, IcmpMode, InfluxHealth, LinkNow, ProberHealth, StoreHealth, StorePart, TrapCounts,
    TrapRefusals,
};
pub use fault::{Fault, Faults};
pub use gap::{GapKind, GapPlace};
pub use hostile::printable;
pub use ids::{CommuneCode, DeviceId, GroupId, IdError, LinkId, Operator, SettlementId, SiteId};
pub use import::{
    BorderMismatch, CONFIGURATION, ColumnMapping, Dataset, DatasetKind, DatasetName, Guess, ImportContent, ImportLog,
    ImportOptions, ImportVersion, InForce, LOG_ENTRIES_MAX, Repair, RepairKind,
};
pub use inventory::Inventory;
pub use maintenance::{Every, MAINTENANCE_LONGEST, Maintenance, MaintenanceId, Planned, Repeat, Scope, WHY_MAX};
pub use names::{FormerDistrict, Lookup, fold, nfc};
pub use network::{Contact, Device, Link, LinkKind, SnmpAccess};
pub use notification::{Delivery, Notification, NotificationItem, NotifiedLink, Telling, Told, Turn};
pub use observation::{
    IcmpError, IcmpErrorKind, Observation, Observed, ProfileGrade, Seen, SensorReading, SensorUnit, SensorValue,
    Subject,
};
pub use outage::{Ack, Edge, Event, EventId, NOTE_MAX, Outage, OutageId, TICKET_MAX, Together};
pub use place::{
    Commune, CommuneKind, Declared, DwellingCluster, GridPower, Indicator, Reported, Settlement, Site, SiteKind,
};
pub use sample::{BlindReason, EchoStats, IfReading, IfStatus, Outcome, Probe, RttSummary, Sample, Tick};
pub use scope::{BestFigure, BestOperators, OperatorFigure, OperatorScope};
pub use service::{DnsRecord, DnsService, Endpoint, Host, HttpService, Service, ServiceError};
pub use state::{LinkState, Span, StateTimes, Usual, Worse};
pub use time::{Millis, UtcMs, Window};
pub use units::{Dbm, LonLat, Metres, Micros, Share};
