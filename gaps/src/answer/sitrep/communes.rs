//! Communes without any operator, without two, without one.

use std::collections::{BTreeMap, HashMap, HashSet};

use phusong_model::{
    Commune, CommuneCode, LinkState, Operator,
    answer::{OperatorsLeft, SitrepClass, SitrepCommune, SitrepCommunes},
};

use super::{
    super::{
        rank::Affected,
        view::{View, known_sum},
    },
    stations::Station,
};

/// What is left of one operator in a commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// A station of it works.
    Works,
    /// None works, and one could not be seen.
    Unseen,
    /// None works, and one is out for announced work.
    Announced,
    /// All are down.
    Out,
}

/// The operators of a commune.
type Operators<'a> = BTreeMap<&'a Operator, Vec<LinkState>>;

/// What is left in a commune is told from all stations in it, whoever carries them; of a group the communes are told in
/// which it carries any.
pub(super) fn of(view: &View<'_>, stations: &[Station<'_>]) -> SitrepCommunes {
    let mut by_commune: HashMap<&CommuneCode, Operators<'_>> = HashMap::new();
    for station in stations {
        // What belongs to nobody is no operator that a commune could have left; it has its row among the stations.
        if let (Some(commune), Some(operator)) = (&station.site.commune, &station.site.operator) {
            by_commune.entry(commune).or_default().entry(operator).or_default().push(station.state);
        }
    }
    let none = Operators::new();
    let asked = stations.iter().filter(|station| station.is_asked(view));
    let asked: HashSet<&CommuneCode> = asked.filter_map(|station| station.site.commune.as_ref()).collect();
    let communes = view.evidence.inventory.communes.iter().filter(|commune| {
        view.asks_about(Some(&commune.code)) && (view.group.is_none() || asked.contains(&commune.code))
    });
    let mut items: Vec<SitrepCommune> =
        communes.map(|commune| item(view, commune, by_commune.get(&commune.code).unwrap_or(&none))).collect();
    items.sort_by(|a, b| {
        let weight = |item: &SitrepCommune| (item.left, Affected::by(item.people));
        weight(a).cmp(&weight(b)).then_with(|| a.commune.cmp(&b.commune))
    });
    let class = |left: OperatorsLeft| {
        let of_class = || items.iter().filter(|item| item.left == left);
        let people = known_sum(of_class().map(|item| item.people));
        SitrepClass { left, communes: of_class().count() as u64, people }
    };
    let classes = OperatorsLeft::ALL.map(class).to_vec();
    let total = items.len() as u64;
    items.retain(|item| !matches!(item.left, OperatorsLeft::All | OperatorsLeft::NoStation));
    SitrepCommunes { total, classes, one_left: items.iter().filter(|item| item.one_left).count() as u64, items }
}

fn item(view: &View<'_>, commune: &Commune, operators: &Operators<'_>) -> SitrepCommune {
    let left: Vec<(&Operator, Left)> = operators.iter().map(|(operator, states)| (*operator, left(states))).collect();
    let count = |wanted: Left| left.iter().filter(|(_, left)| *left == wanted).count();
    let lost = left.iter().filter(|(_, left)| *left == Left::Out).map(|(operator, _)| (*operator).clone());
    SitrepCommune {
        commune: commune.code.clone(),
        commune_name: commune.name.clone(),
        district: commune.district.clone(),
        people: view.people(&commune.code),
        left: class(&count, left.len()),
        operators: operators.keys().map(|operator| (*operator).clone()).collect(),
        lost: lost.collect(),
        one_left: count(Left::Works) == 1 && count(Left::Out) + 1 == left.len() && left.len() > 1,
    }
}

fn left(states: &[LinkState]) -> Left {
    let any = |wanted: LinkState| states.contains(&wanted);
    if states.iter().any(|state| state.works()) {
        Left::Works
    } else if any(LinkState::Blind) {
        Left::Unseen
    } else if any(LinkState::Maintenance) {
        Left::Announced
    } else {
        Left::Out
    }
}

fn class(count: &impl Fn(Left) -> usize, all: usize) -> OperatorsLeft {
    let out = count(Left::Out);
    if all == 0 {
        OperatorsLeft::NoStation
    } else if count(Left::Unseen) > 0 {
        OperatorsLeft::Blind
    } else if count(Left::Announced) > 0 {
        OperatorsLeft::Maintenance
    } else if out == all {
        OperatorsLeft::None
    } else if out >= 2 {
        OperatorsLeft::WithoutTwo
    } else if out == 1 {
        OperatorsLeft::WithoutOne
    } else {
        OperatorsLeft::All
    }
}
