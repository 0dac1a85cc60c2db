//! What one poll of a device gave.

use phusong_model::{DeviceId, IfReading, Micros, Millis, SensorReading};

/// What one poll of a device gave.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceReport {
    /// Which device was asked.
    pub device: DeviceId,
    /// What it said.
    pub answer: Answer,
    /// Sensors that the device's profile knows, those of this poll: they are asked in turn.
    pub sensors: Vec<SensorReading>,
    /// Values of the interfaces and of the system group that had another type than their MIB gives them, and so were none.
    pub mistyped: u16,
    /// Requests sent, repeated ones and those of SNMPv3 discovery included.
    pub sent: u16,
    /// Requests that nothing answered in time. `lost <= sent`.
    pub lost: u16,
    /// Round-trip time of the first request that was answered.
    pub rtt: Option<Micros>,
}

/// What a device said.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The device answered.
    Answered {
        /// The system group.
        system: SystemFacts,
        /// One reading per interface that was found and answered, in the order of the inventory.
        readings: Vec<IfReading>,
        /// Names of the inventory that no interface of the device has.
        missing: Vec<String>,
    },
    /// Nothing came back in time.
    Silent,
    /// Something came back, but no values: a wrong SNMPv3 password, no access, a broken answer.
    Refused(String),
    /// Our own side could not ask. Never a reason to call anything down.
    NotSent(String),
}

/// The system group of a device. The texts are the device's, made printable and cut to a sensible length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemFacts {
    /// `sysUpTime`: how long the device says it has been running.
    pub uptime: Option<Millis>,
    /// `sysName`.
    pub name: Option<String>,
    /// `sysDescr`.
    pub descr: Option<String>,
}
