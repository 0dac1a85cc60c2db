//! Contradictions as a sheet: a row each. The tests behind them are in `--json`.

use phusong_model::{ContradictionPlace, answer::ContradictionItem};

use super::{Field, Sheet};

pub fn sheet(items: &[ContradictionItem]) -> Sheet {
    let header = "contradiction,commune,commune_name,place,hexagon,settlement,settlement_name,lon_deg,lat_deg,operator,\
        technology,source,claimed,valid_on,measured,tests,tests_without_network,tests_without_signal,tests_below_full,\
        median_dbm,p10_dbm,p90_dbm,first,last,approximate,example";
    Sheet { header, rows: items.iter().map(row).collect() }
}

fn row(item: &ContradictionItem) -> Vec<Field> {
    let contradiction = &item.contradiction;
    let measured = &contradiction.measured;
    let mut fields = vec![
        Field::exact(Some(&contradiction.id)),
        Field::exact(contradiction.commune.as_ref()),
        Field::text(item.commune_name.as_ref()),
    ];
    fields.extend(place(item));
    fields.extend([
        Field::text(Some(&contradiction.operator)),
        Field::text(Some(contradiction.technology.id())),
        Field::text(Some(contradiction.source.id())),
        Field::text(Some(contradiction.claimed.id())),
        Field::text(contradiction.valid_on.as_ref()),
        Field::text(Some(measured.class.id())),
        Field::exact(Some(measured.count)),
        Field::exact(Some(measured.without_network)),
        Field::exact(Some(measured.none)),
        Field::exact(Some(measured.below_full)),
        Field::exact(measured.median_dbm),
        Field::exact(measured.p10_dbm),
        Field::exact(measured.p90_dbm),
        Field::exact(Some(measured.first)),
        Field::exact(Some(measured.last)),
        Field::exact(Some(contradiction.approximate)),
        Field::exact(Some(contradiction.example)),
    ]);
    fields
}

/// Kind, hexagon, settlement and its name, longitude and latitude: of a hexagon those of its first corner.
fn place(item: &ContradictionItem) -> [Field; 6] {
    match &item.contradiction.place {
        ContradictionPlace::Hexagon { index, boundary } => {
            let corner = boundary.first();
            [
                Field::text(Some("hexagon")),
                Field::exact(Some(index)),
                Field::Empty,
                Field::Empty,
                Field::exact(corner.map(|[lon, _]| *lon)),
                Field::exact(corner.map(|[_, lat]| *lat)),
            ]
        }
        ContradictionPlace::Settlement { settlement, at, .. } => [
            Field::text(Some("settlement")),
            Field::Empty,
            Field::text(Some(settlement)),
            Field::text(item.settlement_name.as_ref()),
            Field::exact(Some(at.lon)),
            Field::exact(Some(at.lat)),
        ],
    }
}
