//! Readiness as a sheet: the platforms, then the links, a row each.

use phusong_model::{
    answer::{ReadyBody, ReadyItem},
    glossary::{Lang, ready_reason},
};

use super::{Field, Sheet};

pub fn sheet(body: &ReadyBody) -> Sheet {
    let header = "role,fitness,link,name,kind,commune,commune_name,operator,since,reasons,circuit,phone,duty";
    let row = |role: &'static str, item: &ReadyItem| {
        // Instants of another day are told with their date: a sheet is read later.
        let reasons = item.reasons.iter().map(|reason| ready_reason(Lang::En, reason, body.at));
        vec![
            Field::text(Some(role)),
            Field::text(Some(item.fitness.id())),
            Field::text(Some(&item.link)),
            Field::text(Some(&item.name)),
            Field::text(Some(item.kind.id())),
            Field::exact(item.commune.as_ref()),
            Field::text(item.commune_name.as_ref()),
            Field::text(item.operator.as_ref()),
            Field::exact(item.since),
            Field::text(Some(reasons.collect::<Vec<_>>().join("; "))),
            Field::text(item.contact.circuit.as_ref()),
            Field::text(item.contact.phone.as_ref()),
            Field::text(item.contact.duty.as_ref()),
        ]
    };
    let platforms = body.platforms.iter().map(|item| row("platform", item));
    Sheet { header, rows: platforms.chain(body.items.iter().map(|item| row("link", item))).collect() }
}
