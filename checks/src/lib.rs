//! Everything that a configuration leads to, opened and judged together: the inventory, secrets, certificates, vendor
//! profiles, geodata, and the ways by which this machine speaks to others. What is opened here can be used: a channel
//! that was found fit is the one by which messages go, and not a second reading of the same keys.
//!
//! Both programs rest on it. `phusongd` starts and reloads with what it gives; `phusongd check` and `phusong check` say
//! what it says. When something is told, and to whom, is not known here.

mod channel;
mod checked;
mod http;
mod influx;
mod report;

pub use channel::{Channel, Outcome};
pub use checked::{Checked, Remark, read, with_geodata};
pub use http::{Http, Reply, SetupError, Unanswered, deepest, encoded};
pub use report::{FAULTY, Report, report};
