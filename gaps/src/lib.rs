//! Evidence in, answers out: what state each link is in and since when, how long it was in it, what carries the fault,
//! and what to tell whoever asks. Pure functions over values: time is passed in, nothing is read or sent.
//!
//! ```
//! use phusong_gaps::account;
//! use phusong_model::{LinkState, Millis, Span, UtcMs, Window};
//!
//! let day = Window::new(UtcMs(0), UtcMs(86_400_000));
//! let span = |state, from, to| Span { link: "fibre-02221".parse().unwrap(), state, from, to, cause: None, blind: None, worse: None };
//! let spans = [
//!     span(LinkState::Up, UtcMs(0), Some(UtcMs(80_000_000))),
//!     span(LinkState::Down, UtcMs(80_000_000), None),
//! ];
//! let times = account(&spans, UtcMs(0), day);
//! assert_eq!(times.down, Millis(6_400_000));
//! assert_eq!(times.total(), day.length());
//! ```

mod kahn;
mod look;
mod tracker;

mod account;

mod answer;
mod exit;
mod imports;
mod notifier;
mod orders;

pub use account::{Member, Need, account, account_together};
pub use answer::{HEADLINE, answer, close_up, find_commune, find_group, find_link, headline_technology};
pub use exit::{ANSWERED, FINDINGS, STALE_OR_PARTIAL, exit_code};
pub use imports::{ToForce, imported, to_force};
pub use look::{DeviceAnswer, DeviceLook, EchoSeen, IcmpLook, Look, SnmpLook};
pub use notifier::{Listener, Notifier, NotifyRules};
pub use orders::{Refused, Work, acknowledge, plan};
pub(crate) use tracker::flapping_memory;
pub use tracker::{Current, Known, SNMP_STALE_AFTER, Tracker};
