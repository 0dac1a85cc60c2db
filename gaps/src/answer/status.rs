//! How everything is.

use phusong_model::answer::StatusBody;

use super::{coverage, links, outages, view::View};

pub(super) fn body(view: &View<'_>) -> StatusBody {
    let inventory = &view.evidence.inventory;
    StatusBody {
        province: inventory.province.clone(),
        communes: inventory.communes.iter().filter(|commune| view.asks_about(Some(&commune.code))).count() as u64,
        kinds: links::kinds(view),
        open_outages: outages::open(view) as u64,
        worst: outages::worst(view),
        ended_outages: outages::ended(view) as u64,
        mobile: coverage::headline(view),
        health: view.evidence.health.clone(),
    }
}
