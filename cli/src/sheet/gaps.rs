//! Gaps as a sheet: a row each. Settlements and nearest sites have one column each; their polygons are in `--geojson`.

use phusong_model::{
    CoverageSource, GapKind, Grade, LinkKind, NearestSite, OperatorScope, PeopleBase, Technology,
    answer::{GapItem, LinkItem},
};

use super::{Field, Sheet, rows::blind_id};

/// Blind links stand below the gaps with kind `blind` and no rank: neither gaps nor fine.
pub fn sheet(items: &[GapItem], blind: &[LinkItem]) -> Sheet {
    let header = "rank,kind,commune,place,lon_deg,lat_deg,link,link_kind,gap,operator,technology,source,\
        area_km2,people,households,settlements,since,cause,carrier,approximate,example,last_seen,grade,\
        people_base,power_yes,power_no,power_unknown,nearest,score";
    let rows = items.iter().map(gap).chain(blind.iter().map(blind_link)).collect();
    Sheet { header, rows }
}

fn gap(item: &GapItem) -> Vec<Field> {
    let kind = match item.kind {
        GapKind::Link => "link",
        GapKind::Coverage => "coverage",
    };
    let settlements = item.settlements.iter().map(|s| s.settlement.as_str()).collect::<Vec<_>>().join(" ");
    vec![
        Field::exact(Some(item.rank)),
        Field::text(Some(kind)),
        Field::exact(item.place.commune.as_ref()),
        Field::text(Some(&item.place.name)),
        Field::exact(item.place.at.map(|at| at.lon)),
        Field::exact(item.place.at.map(|at| at.lat)),
        Field::text(item.link.as_ref()),
        Field::text(item.link_kind.map(LinkKind::id)),
        Field::text(item.gap.as_ref()),
        Field::text(item.operator.as_ref().map(OperatorScope::id)),
        Field::text(item.technology.map(Technology::id)),
        Field::text(item.source.map(CoverageSource::id)),
        Field::exact(item.area_km2),
        Field::exact(item.people),
        Field::exact(item.households),
        Field::Text(settlements),
        Field::exact(Some(item.since)),
        Field::text(item.cause.as_ref()),
        Field::text(item.carrier.as_ref()),
        Field::exact(Some(item.approximate)),
        Field::exact(Some(item.example)),
        Field::exact(item.last_seen),
        Field::text(item.grade.map(Grade::id)),
        Field::text(item.people_base.map(PeopleBase::id)),
        Field::exact(item.power.map(|power| power.yes)),
        Field::exact(item.power.map(|power| power.no)),
        Field::exact(item.power.map(|power| power.unknown)),
        Field::text((!item.nearest.is_empty()).then(|| nearest(&item.nearest))),
        Field::exact(Some(item.rank_by.score)),
    ]
}

/// The nearest site of each operator as `operator/site/kilometres/azimuth in degrees`, with blanks between: no id has a
/// slash in it.
fn nearest(sites: &[NearestSite]) -> String {
    let one = |site: &NearestSite| {
        format!("{}/{}/{:.3}/{:.1}", site.operator, site.site, site.distance_m / 1_000.0, site.azimuth_deg)
    };
    sites.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn blind_link(item: &LinkItem) -> Vec<Field> {
    let known = [
        Field::Empty,
        Field::text(Some("blind")),
        Field::exact(item.commune.as_ref()),
        Field::text(Some(item.commune_name.as_ref().unwrap_or(&item.name))),
        Field::Empty,
        Field::Empty,
        Field::text(Some(&item.link)),
        Field::text(Some(item.kind.id())),
        Field::Empty,
        Field::text(item.operator.as_ref()),
    ];
    let unknown = std::iter::repeat_n(Field::Empty, 6);
    let rest = [Field::exact(Some(item.since)), blind_id(item.blind), Field::Empty, Field::Empty, Field::Empty];
    let computed = std::iter::repeat_n(Field::Empty, 8);
    known.into_iter().chain(unknown).chain(rest).chain(computed).collect()
}
