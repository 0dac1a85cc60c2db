//! What files call the values of a test: elements of GPX and columns of tables, in letters and digits only.

/// RxLev of 2G.
pub(super) const RXLEV: &[&str] = &["rxlev", "rxlevel"];
/// RSCP of 3G.
pub(super) const RSCP: &[&str] = &["rscp"];
/// RSRP of 4G, and of 5G in programs that call both so.
pub(super) const RSRP: &[&str] = &["rsrp", "ltersrp"];
/// SS-RSRP of 5G.
pub(super) const SS_RSRP: &[&str] = &["ssrsrp", "nrrsrp", "nrssrsrp"];
/// Just a level.
pub(super) const LEVEL: &[&str] = &["level", "signal", "signaldbm", "signalstrength", "dbm"];
/// Whose card was in the device.
pub(super) const OPERATOR: &[&str] = &["operator", "operatorname", "plmn", "mccmnc", "nhamang"];
/// Of which generation the signal is.
pub(super) const TECHNOLOGY: &[&str] =
    &["technology", "tech", "networktech", "networktype", "networkmode", "radio", "rat", "congnghe"];
/// How good the position is.
pub(super) const ACCURACY: &[&str] = &["accuracy", "accuracym", "hacc", "horizontalaccuracy"];
/// The cell that was heard.
pub(super) const CELL: &[&str] = &["cell", "cellid", "ci", "cid", "eci", "nci"];
