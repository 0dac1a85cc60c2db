//! What the names in a question mean.

use std::collections::BTreeSet;

use phusong_model::{
    Commune, CommuneCode, Evidence, FormerDistrict, GroupId, Inventory, Link, Lookup, Operator, OperatorScope,
    answer::{AskError, Candidate, LinkCandidate, Query},
    fold,
};

/// Most links that are listed when a name fits several: what can be read at a glance.
const CANDIDATES: usize = 8;

/// Where it was asked about.
#[derive(Debug, Clone)]
pub(super) enum Place<'a> {
    /// One commune.
    Commune(&'a Commune),
    /// The communes of today that were most of a district.
    District(FormerDistrict<'a>),
}

impl<'a> Place<'a> {
    /// The place that a question names; none when it is about everywhere.
    pub(super) fn of(communes: &'a [Commune], query: &Query) -> Result<Option<Self>, AskError> {
        let commune = query.commune.as_deref().map(|asked| place(communes, asked)).transpose()?;
        let district = query.district.as_deref().map(|asked| find_district(communes, asked)).transpose()?;
        match (commune, district) {
            (None, district) => Ok(district.map(Self::District)),
            (Some(place), None) => Ok(Some(place)),
            (Some(Self::Commune(commune)), Some(district)) if district.communes.contains(&commune) => {
                Ok(Some(Self::Commune(commune)))
            }
            // A commune that the district does not have, or two districts: nothing lies in both.
            (Some(_), Some(district)) => Err(AskError::UnknownCommune {
                asked: query.commune.clone().unwrap_or_default(),
                suggestions: district.communes.into_iter().take(CANDIDATES).map(candidate).collect(),
            }),
        }
    }

    pub(super) fn has(&self, code: &CommuneCode) -> bool {
        match self {
            Self::Commune(commune) => commune.code == *code,
            Self::District(district) => district.communes.iter().any(|commune| commune.code == *code),
        }
    }
}

/// A commune, else a former district. Many have one name: the commune is meant, unless the name says *huyện*.
fn place<'a>(communes: &'a [Commune], asked: &str) -> Result<Place<'a>, AskError> {
    let district = || FormerDistrict::find(communes, asked).map(Place::District);
    if FormerDistrict::is_meant(asked)
        && let Some(district) = district()
    {
        return Ok(district);
    }
    match find_commune(communes, asked) {
        Ok(commune) => Ok(Place::Commune(commune)),
        Err(error) => district().ok_or(error),
    }
}

/// The commune that was asked for.
///
/// # Errors
/// When no commune has that code or name, or several fit.
pub fn find_commune<'a>(communes: &'a [Commune], asked: &str) -> Result<&'a Commune, AskError> {
    let candidates = |communes: Vec<&Commune>| communes.into_iter().map(candidate).collect();
    match Lookup::commune(communes, asked) {
        Lookup::Found(commune) => Ok(commune),
        Lookup::Ambiguous(hits) => {
            Err(AskError::AmbiguousCommune { asked: asked.to_owned(), candidates: candidates(hits) })
        }
        Lookup::Unknown(near) => match FormerDistrict::find(communes, asked) {
            // One commune is wanted, and a district is named.
            Some(district) => {
                Err(AskError::AmbiguousCommune { asked: asked.to_owned(), candidates: candidates(district.communes) })
            }
            None => Err(AskError::UnknownCommune { asked: asked.to_owned(), suggestions: candidates(near) }),
        },
    }
}

fn candidate(commune: &Commune) -> Candidate {
    Candidate { code: commune.code.clone(), name: commune.name.clone() }
}

fn find_district<'a>(communes: &'a [Commune], asked: &str) -> Result<FormerDistrict<'a>, AskError> {
    FormerDistrict::find(communes, asked).ok_or_else(|| {
        let mut districts = FormerDistrict::near(communes, asked);
        if districts.is_empty() {
            districts = communes
                .iter()
                .filter_map(|commune| commune.district.as_deref())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
        }
        AskError::UnknownDistrict {
            asked: asked.to_owned(),
            districts: districts.into_iter().map(str::to_owned).collect(),
        }
    })
}

/// The link that was asked for.
///
/// # Errors
/// When no link has that id, address or name, or several fit.
pub fn find_link<'a>(links: &'a [Link], asked: &str) -> Result<&'a Link, AskError> {
    let candidates = |links: Vec<&Link>| {
        let candidate = |link: &Link| LinkCandidate { link: link.id.clone(), name: link.name.clone() };
        links.into_iter().take(CANDIDATES).map(candidate).collect()
    };
    match Lookup::link(links, asked) {
        Lookup::Found(link) => Ok(link),
        Lookup::Ambiguous(hits) => {
            Err(AskError::AmbiguousLink { asked: asked.to_owned(), candidates: candidates(hits) })
        }
        Lookup::Unknown(near) => Err(AskError::UnknownLink { asked: asked.to_owned(), suggestions: candidates(near) }),
    }
}

/// The group that was asked for.
///
/// # Errors
/// When no link is in a group of that name.
pub fn find_group<'a>(links: &'a [Link], asked: &str) -> Result<&'a GroupId, AskError> {
    let groups: BTreeSet<&GroupId> = links.iter().flat_map(|link| &link.groups).collect();
    let found = groups.iter().find(|group| fold(group.as_str()) == fold(asked)).copied();
    found.ok_or_else(|| AskError::UnknownGroup {
        asked: asked.to_owned(),
        groups: groups.into_iter().cloned().collect(),
    })
}

/// The operator that was asked for, by id or brand, among those that run or cover anything.
pub(super) fn find_operator(evidence: &Evidence, asked: &str) -> Result<Operator, AskError> {
    let known = operators(evidence);
    let is_meant = |operator: &&Operator| [operator.as_str(), operator.label()].iter().any(|n| fold(n) == fold(asked));
    let found = known.iter().find(is_meant).cloned();
    found.ok_or_else(|| AskError::UnknownOperator { asked: asked.to_owned(), operators: known.into_iter().collect() })
}

fn operators(evidence: &Evidence) -> BTreeSet<Operator> {
    let Inventory { links, sites, .. } = &evidence.inventory;
    let of_layers = evidence.figures.iter().filter_map(|figure| match &figure.operator {
        OperatorScope::One(operator) => Some(operator),
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => None,
    });
    let of_links = links.iter().filter_map(|link| link.operator.as_ref());
    let of_sites = sites.iter().filter_map(|site| site.operator.as_ref());
    let of_tests = evidence.contradictions.iter().map(|contradiction| &contradiction.operator);
    of_links.chain(of_sites).chain(of_layers).chain(of_tests).cloned().collect()
}
