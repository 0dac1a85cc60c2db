//! The tracker driven by scripts, a letter per tick, and its changes kept by a ledger as the store keeps them.

mod carriers;
mod changes;
mod files;
mod ledger;
mod loss;
mod maintenance;
mod properties;
mod scenarios;
mod script;
mod storm;
mod world;
