//! Sheets of topics that are one list.

use phusong_model::{
    BlindReason, Declared, Delivery, IfStatus, NotificationItem, PeopleBase, Scope, Worse,
    answer::{
        AvailabilityItem, CoverageItem, IndicatorItem, LinkItem, MaintenanceItem, OutageItem, WeakBody, WeakItem,
        Whose, WorkState,
    },
};

use super::{Field, Sheet};

/// `up`, `lower-layer-down`: the id that JSON uses.
pub const fn status_id(status: IfStatus) -> &'static str {
    match status {
        IfStatus::Up => "up",
        IfStatus::Down => "down",
        IfStatus::Testing => "testing",
        IfStatus::Unknown => "unknown",
        IfStatus::Dormant => "dormant",
        IfStatus::NotPresent => "not-present",
        IfStatus::LowerLayerDown => "lower-layer-down",
    }
}

pub(super) fn blind_id(blind: Option<BlindReason>) -> Field {
    let id = blind.and_then(|blind| serde_json::to_value(blind).ok());
    Field::text(id.as_ref().and_then(serde_json::Value::as_str))
}

pub fn links(items: &[LinkItem]) -> Sheet {
    let header = "link,name,kind,commune,commune_name,operator,target,state,since,cause,carrier,blind,worse,sent,\
        lost,rtt_min_ms,rtt_median_ms,rtt_p95_ms,rtt_max_ms,jitter_ms,usual_rtt_ms,usual_loss_ratio,oper,in_bps,\
        out_bps,speed_bps,rx_dbm,availability_ratio,blind_ratio";
    let row = |item: &LinkItem| {
        vec![
            Field::text(Some(&item.link)),
            Field::text(Some(&item.name)),
            Field::text(Some(item.kind.id())),
            Field::exact(item.commune.as_ref()),
            Field::text(item.commune_name.as_ref()),
            Field::text(item.operator.as_ref()),
            Field::text(Some(&item.target)),
            Field::text(Some(item.state.id())),
            Field::exact(Some(item.since)),
            Field::text(item.cause.as_ref()),
            Field::text(item.carrier.as_ref()),
            blind_id(item.blind),
            Field::text(item.worse.map(Worse::id)),
            Field::exact(item.sent),
            Field::exact(item.lost),
            Field::exact(item.rtt_min_ms),
            Field::exact(item.rtt_median_ms),
            Field::exact(item.rtt_p95_ms),
            Field::exact(item.rtt_max_ms),
            Field::exact(item.jitter_ms),
            Field::exact(item.usual_rtt_ms),
            Field::exact(item.usual_loss),
            Field::text(item.oper.map(status_id)),
            Field::exact(item.in_bps),
            Field::exact(item.out_bps),
            Field::exact(item.speed_bps),
            Field::exact(item.rx_dbm),
            Field::exact(item.availability),
            Field::exact(Some(item.blind_share)),
        ]
    };
    Sheet { header, rows: items.iter().map(row).collect() }
}

pub fn outages(items: &[OutageItem]) -> Sheet {
    let header = "outage,event,link,name,kind,commune,commune_name,operator,target,start,start_error_ms,end,\
        end_error_ms,duration_ms,cause,confidence,carrier,blind_ratio,people,circuit,phone,duty,\
        ack_at,ack_author,ack_ticket,ack_note";
    let row = |item: &OutageItem| {
        vec![
            Field::exact(Some(item.outage.0)),
            Field::exact(Some(item.event.0)),
            Field::text(Some(&item.link)),
            Field::text(Some(&item.name)),
            Field::text(Some(item.kind.id())),
            Field::exact(item.commune.as_ref()),
            Field::text(item.commune_name.as_ref()),
            Field::text(item.operator.as_ref()),
            Field::text(Some(&item.target)),
            Field::exact(Some(item.start)),
            Field::exact(Some(item.start_error_ms.0)),
            Field::exact(item.end),
            Field::exact(Some(item.end_error_ms.0)),
            Field::exact(Some(item.duration_ms.0)),
            Field::text(Some(&item.cause)),
            Field::text(Some(item.confidence.id())),
            Field::text(item.carrier.as_ref()),
            Field::exact(Some(item.blind_share)),
            Field::exact(item.people),
            Field::text(item.contact.circuit.as_ref()),
            Field::text(item.contact.phone.as_ref()),
            Field::text(item.contact.duty.as_ref()),
            Field::exact(item.ack.as_ref().map(|ack| ack.at)),
            Field::text(item.ack.as_ref().map(|ack| &ack.author)),
            Field::text(item.ack.as_ref().and_then(|ack| ack.ticket.as_ref())),
            Field::text(item.ack.as_ref().and_then(|ack| ack.note.as_ref())),
        ]
    };
    Sheet { header, rows: items.iter().map(row).collect() }
}

/// Totals stand below the communes, without code and name.
pub fn coverage(items: &[CoverageItem], totals: &[CoverageItem]) -> Sheet {
    let header = "commune,commune_name,operator,technology,source,settlements_total,settlements_none,\
        settlements_patchy,settlements_full,settlements_unknown,people_with_signal,people_known,people_unknown,\
        area_with_signal_km2,area_km2,area_unknown_km2,approximate,example,valid_on,settlements_patchiness_unknown,\
        people_base,people_scaled,rule,rule_hash,rule_assumed";
    let row = |item: &CoverageItem| {
        let (counts, people, area) = (item.settlements, item.people, item.area_km2);
        vec![
            Field::exact(item.commune.as_ref()),
            Field::text(item.commune_name.as_ref()),
            Field::text(Some(item.operator.id())),
            Field::text(Some(item.technology.id())),
            Field::text(Some(item.source.id())),
            Field::exact(Some(counts.total)),
            Field::exact(Some(counts.none)),
            Field::exact(Some(counts.patchy)),
            Field::exact(Some(counts.full)),
            Field::exact(Some(counts.unknown)),
            Field::exact(Some(people.numerator)),
            Field::exact(Some(people.denominator)),
            Field::exact(Some(people.unknown)),
            Field::exact(Some(area.numerator)),
            // What is known and what is not, together the commune.
            Field::exact(Some(area.denominator + area.unknown)),
            Field::exact(Some(area.unknown)),
            Field::exact(Some(item.approximate)),
            Field::exact(Some(item.example)),
            Field::text(item.valid_on.as_ref()),
            Field::exact(Some(counts.patchiness_unknown)),
            Field::text(Some(item.people_base.id())),
            Field::exact(Some(item.people_scaled)),
            Field::text(item.rule.as_ref().map(|rule| &rule.name)),
            Field::text(item.rule.as_ref().map(|rule| &rule.hash)),
            Field::exact(item.rule.as_ref().map(|rule| rule.assumed)),
        ]
    };
    Sheet { header, rows: items.iter().chain(totals).map(row).collect() }
}

/// A row per indicator and declared figure; an indicator for which nothing was declared has one row.
pub fn indicators(items: &[IndicatorItem]) -> Sheet {
    let header = "indicator,numerator,denominator,unknown,strict_numerator,strict_denominator,base,\
        availability_ratio,blind_ratio,source,technology,approximate,example,declared_percent,\
        declared_numerator,declared_denominator,declared_base,declared_date,declared_document,\
        patchiness_unknown,people_base,people_scaled,valid_on,rule,rule_hash,rule_assumed";
    let rows = items.iter().flat_map(|item| {
        let declared: Vec<Option<&Declared>> =
            if item.declared.is_empty() { vec![None] } else { item.declared.iter().map(Some).collect() };
        declared.into_iter().map(move |declared| indicator(item, declared))
    });
    Sheet { header, rows: rows.collect() }
}

fn indicator(item: &IndicatorItem, declared: Option<&Declared>) -> Vec<Field> {
    vec![
        Field::text(Some(item.indicator.id())),
        Field::exact(Some(item.measured.numerator)),
        Field::exact(Some(item.measured.denominator)),
        Field::exact(Some(item.measured.unknown)),
        Field::exact(item.strict.map(|s| s.numerator)),
        Field::exact(item.strict.map(|s| s.denominator)),
        Field::text(Some(&item.base)),
        Field::exact(item.availability),
        Field::exact(item.blind_share),
        Field::text(item.source.map(phusong_model::CoverageSource::id)),
        Field::text(item.technology.map(phusong_model::Technology::id)),
        Field::exact(Some(item.approximate)),
        Field::exact(Some(item.example)),
        Field::exact(declared.map(|d| d.value_percent)),
        Field::exact(declared.and_then(|d| d.numerator)),
        Field::exact(declared.and_then(|d| d.denominator)),
        Field::text(declared.map(|d| &d.base)),
        Field::text(declared.map(|d| &d.date)),
        Field::text(declared.map(|d| &d.document)),
        Field::exact(item.patchiness_unknown),
        Field::text(item.people_base.map(PeopleBase::id)),
        Field::exact(item.people_base.map(|_| item.people_scaled)),
        Field::text(item.valid_on.as_ref()),
        Field::text(item.rule.as_ref().map(|rule| &rule.name)),
        Field::text(item.rule.as_ref().map(|rule| &rule.hash)),
        Field::exact(item.rule.as_ref().map(|rule| rule.assumed)),
    ]
}

/// Totals stand below the rows that they sum up.
pub fn availability(items: &[AvailabilityItem], totals: &[AvailabilityItem]) -> Sheet {
    let header = "whose,id,name,counted,links,up_ms,degraded_ms,down_ms,blind_ms,maintenance_ms,availability_ratio,\
        availability_filed_ratio,blind_ratio,outages";
    let row = |item: &AvailabilityItem| {
        let (whose, id) = whose(&item.whose);
        let times = item.times_ms;
        let times = [times.up, times.degraded, times.down, times.blind, times.maintenance];
        let mut row = vec![
            Field::text(Some(whose)),
            Field::text(id),
            Field::text(Some(&item.name)),
            Field::text(Some(item.counted.id())),
            Field::exact(Some(item.links)),
        ];
        row.extend(times.map(|time| Field::exact(Some(time.0))));
        row.extend([
            Field::exact(item.availability),
            Field::exact(item.availability_filed),
            Field::exact(Some(item.blind_share)),
            Field::exact(Some(item.outages)),
        ]);
        row
    };
    Sheet { header, rows: items.iter().chain(totals).map(row).collect() }
}

/// What it is, and its id.
fn whose(whose: &Whose) -> (&'static str, Option<String>) {
    match whose {
        Whose::Link { link } => ("link", Some(link.to_string())),
        Whose::Site { site } => ("site", Some(site.to_string())),
        Whose::Commune { commune } => ("commune", Some(commune.to_string())),
        Whose::Group { group } => ("group", Some(group.to_string())),
        Whose::Kind { kind } => ("kind", Some(kind.id().to_owned())),
        Whose::Everything => ("everything", None),
    }
}

pub fn maintenance(items: &[MaintenanceItem]) -> Sheet {
    let header = "id,scope,of,name,links,state,from,to,repeats,until,why,author,added,ended";
    let row = |item: &MaintenanceItem| {
        let (scope, of) = match &item.scope {
            Scope::Link(link) => ("link", link.to_string()),
            Scope::Commune(code) => ("commune", code.to_string()),
            Scope::Group(group) => ("group", group.to_string()),
        };
        let state = match item.state {
            WorkState::On => "on",
            WorkState::Ahead => "ahead",
            WorkState::Over => "over",
        };
        vec![
            Field::exact(item.id.map(|id| id.0)),
            Field::text(Some(scope)),
            Field::text(Some(of)),
            Field::text(Some(&item.name)),
            Field::exact(Some(item.links)),
            Field::text(Some(state)),
            Field::exact(Some(item.window.from)),
            Field::exact(Some(item.window.to)),
            Field::text(item.repeat.map(|repeat| repeat.every.id())),
            Field::exact(item.repeat.and_then(|repeat| repeat.until)),
            Field::text(Some(&item.why)),
            Field::text(item.author.as_ref()),
            Field::exact(item.added),
            Field::exact(item.ended),
        ]
    };
    Sheet { header, rows: items.iter().map(row).collect() }
}

/// A row for each way of each message.
pub fn notifications(items: &[NotificationItem]) -> Sheet {
    let header = "id,at,event,turn,cause,links,channel,done,given_up";
    let row = |item: &NotificationItem, delivery: &Delivery| {
        vec![
            Field::text(Some(&item.id)),
            Field::exact(Some(item.at)),
            Field::exact(Some(item.event.0)),
            Field::text(Some(item.turn.id())),
            Field::text(Some(&item.cause)),
            Field::exact(Some(item.links)),
            Field::text(Some(&delivery.channel)),
            Field::exact(delivery.done),
            Field::text(delivery.given_up.as_ref()),
        ]
    };
    let rows = items.iter().flat_map(|item| item.deliveries.iter().map(move |delivery| row(item, delivery)));
    Sheet { header, rows: rows.collect() }
}

/// A row for each commune that was found; those with one way or none that is known have a row with nothing shared.
pub fn weak(body: &WeakBody) -> Sheet {
    let header = "finding,commune,commune_name,people,links,shared,cut_off_ms";
    let list = |ids: &[String]| Field::text(Some(ids.join(" ")));
    let weak = |item: &WeakItem| {
        let links: Vec<String> = item.links.iter().map(ToString::to_string).collect();
        let shared: Vec<String> = item.shared.iter().map(ToString::to_string).collect();
        vec![
            Field::text(Some("shared")),
            Field::exact(Some(&item.commune)),
            Field::text(Some(&item.commune_name)),
            Field::exact(item.people),
            list(&links),
            list(&shared),
            Field::exact(Some(item.cut_off_ms.0)),
        ]
    };
    let named = |finding: &'static str, name: &String| {
        let mut row = vec![Field::text(Some(finding)), Field::Empty, Field::text(Some(name))];
        row.extend([Field::Empty, Field::Empty, Field::Empty, Field::Empty]);
        row
    };
    let single = body.single.iter().map(|name| named("single", name));
    let unknown = body.unknown.iter().map(|name| named("unknown", name));
    Sheet { header, rows: body.items.iter().map(weak).chain(single).chain(unknown).collect() }
}
