//! The communes as cells: each by the worst state of its links.

use std::collections::BTreeMap;

use phusong_model::{
    CommuneCode, LinkState,
    answer::{LinkItem, StateCounts},
    glossary::Lang,
};

use crate::show::of_state;

/// What has a cell. Communes stand in the order of their codes, so that each keeps its place on the screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceId {
    /// A commune.
    Commune(CommuneCode),
    /// Feeders, platforms and whatever else serves no single commune.
    Shared,
}

impl PlaceId {
    /// Where a link belongs.
    pub fn of(link: &LinkItem) -> Self {
        link.commune.clone().map_or(Self::Shared, Self::Commune)
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub id: PlaceId,
    /// What people call it; not yet safe to print.
    pub name: String,
    /// Its links by state.
    pub counts: StateCounts,
}

impl Place {
    /// The worst state of any of its links.
    pub fn state(&self) -> LinkState {
        let has = |state: &LinkState| of_state(self.counts, *state) > 0;
        LinkState::WORST_FIRST.into_iter().find(has).unwrap_or(LinkState::Up)
    }
}

/// The cells of these links.
pub fn places<'a>(links: impl IntoIterator<Item = &'a LinkItem>, lang: Lang) -> Vec<Place> {
    let mut found: BTreeMap<PlaceId, Place> = BTreeMap::new();
    for link in links {
        let id = PlaceId::of(link);
        let name = || match (&id, &link.commune_name) {
            (PlaceId::Shared, _) => lang.of(("Tuyến chung", "Shared links")).to_owned(),
            (PlaceId::Commune(_), Some(name)) => name.clone(),
            (PlaceId::Commune(code), None) => code.to_string(),
        };
        let place = found.entry(id.clone()).or_insert_with(|| Place {
            id: id.clone(),
            name: name(),
            counts: StateCounts::default(),
        });
        place.counts.add(link.state);
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::samples;

    #[test]
    fn a_commune_is_as_bad_as_its_worst_link() {
        let places = places(&samples::links(), Lang::Vi);
        let told: Vec<(&str, LinkState)> = places.iter().map(|place| (place.name.as_str(), place.state())).collect();
        assert_eq!(
            told,
            [("Đường Thượng", LinkState::Maintenance), ("Nà Hang", LinkState::Down), ("Tuyến chung", LinkState::Blind)]
        );
        assert_eq!(places[1].counts, StateCounts { down: 1, degraded: 1, ..StateCounts::default() });
    }
}
