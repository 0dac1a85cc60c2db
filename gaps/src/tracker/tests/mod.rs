//! The tracker driven by scripts, a letter per tick, and its changes kept by a ledger as the store keeps them.

mod accounts;
mod carriers;
mod changes;
mod delay;
mod ledger;
mod long;
mod loss;
mod maintenance;
mod properties;
mod scenario;
mod script;
mod stories;
mod storm;
mod world;
