//! What hangs on what as a sheet.

use phusong_model::answer::{NodeItem, NodeKind, PathBody, TreeBody, TreeNode};

use super::{Field, Sheet, rows::blind_id};

/// A row for each node, whether its branch is well or not.
pub fn tree(body: &TreeBody) -> Sheet {
    let header =
        "node,what,kind,name,commune_name,state,since,cause,carrier,blind,worse,reported_at,carriers,troubled,circle";
    let row = |node: &TreeNode| {
        let mut row = fields(&node.item);
        let carriers: Vec<String> = node.carriers.iter().map(ToString::to_string).collect();
        row.extend([
            Field::text(Some(carriers.join(" "))),
            Field::exact(Some(node.troubled)),
            Field::exact(Some(node.circle)),
        ]);
        row
    };
    Sheet { header, rows: body.nodes.iter().map(row).collect() }
}

/// A row for each hop of each way.
pub fn path(body: &PathBody) -> Sheet {
    let header = "way,way_state,hop,breaks_here,node,what,kind,name,commune_name,state,since,cause,carrier,blind,worse,reported_at";
    let mut rows = Vec::new();
    for (number, way) in (1_u64..).zip(&body.ways) {
        for (hop, item) in (1_u64..).zip(&way.hops) {
            let mut row = vec![
                Field::exact(Some(number)),
                Field::text(Some(way.state.id())),
                Field::exact(Some(hop)),
                Field::exact(Some(way.breaks_at.as_ref() == Some(&item.node))),
            ];
            row.extend(fields(item));
            rows.push(row);
        }
    }
    Sheet { header, rows }
}

fn fields(item: &NodeItem) -> Vec<Field> {
    let (what, kind) = match item.kind {
        NodeKind::Link { kind } => ("link", Some(kind.id())),
        NodeKind::Device => ("device", None),
        NodeKind::Site { site } => ("site", Some(site.id())),
    };
    vec![
        Field::text(Some(&item.node)),
        Field::text(Some(what)),
        Field::text(kind),
        Field::text(Some(&item.name)),
        Field::text(item.commune_name.as_ref()),
        Field::text(item.state.map(|state| state.id())),
        Field::exact(item.since),
        Field::text(item.cause.as_ref()),
        Field::text(item.carrier.as_ref()),
        blind_id(item.blind),
        Field::text(item.worse.map(|worse| worse.id())),
        Field::exact(item.reported_at),
    ]
}
