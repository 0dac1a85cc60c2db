//! How links were looked at, as a sheet: a row for each link and probe.

use phusong_model::answer::TopItem;

use super::{Field, Sheet};

pub fn sheet(items: &[TopItem]) -> Sheet {
    let header = "link,name,kind,commune,commune_name,operator,probe,target,state,looks,blind,sent,lost,lost_ratio,\
        rtt_median_ms,rtt_p95_ms,rtt_max_ms";
    let row = |item: &TopItem| {
        vec![
            Field::text(Some(&item.link)),
            Field::text(Some(&item.name)),
            Field::text(Some(item.kind.id())),
            Field::exact(item.commune.as_ref()),
            Field::text(item.commune_name.as_ref()),
            Field::text(item.operator.as_ref()),
            Field::text(Some(item.probe.id())),
            Field::text(Some(&item.target)),
            Field::text(Some(item.state.id())),
            Field::exact(Some(item.looks)),
            Field::exact(Some(item.blind)),
            Field::exact(Some(item.sent)),
            Field::exact(Some(item.lost)),
            Field::exact(item.lost_ratio),
            Field::exact(item.rtt_median_ms),
            Field::exact(item.rtt_p95_ms),
            Field::exact(item.rtt_max_ms),
        ]
    };
    Sheet { header, rows: items.iter().map(row).collect() }
}
