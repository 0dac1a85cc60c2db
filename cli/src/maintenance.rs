//! `phusong maintenance add` and `end`.

use phusong_gaps::Work;
use phusong_model::{
    Inventory, MaintenanceId, Planned, Scope, UtcMs,
    command::{OrderError, PlanAnswer, PlanOrder},
    glossary::{self, Lang},
};
use phusong_store::NewWork;

use crate::{
    arguments::PlanArguments,
    failure::Failure,
    order::{Alone, Desk, give},
    show::View,
    since::SinceError,
    site::Site,
    when,
};

/// The order as it was typed at `now`.
pub fn order(
    asked: &PlanArguments,
    commune: Option<String>,
    group: Option<String>,
    now: UtcMs,
) -> Result<PlanOrder, Failure> {
    let from = when::instant(&asked.from, now)?;
    let to = match (&asked.to, &asked.length) {
        (Some(to), _) if is_hours(to) => return Err(SinceError::Ambiguous(to.clone()).into()),
        (Some(to), _) => Some(when::instant(to, from)?),
        (None, Some(length)) => Some(when::after(length, from)?),
        (None, None) => None,
    };
    Ok(PlanOrder { link: asked.link.clone(), commune, group, from: Some(from), to, why: asked.why.clone() })
}

/// `2h`: as an end it hides outages until two in the morning, where two hours were meant.
fn is_hours(text: &str) -> bool {
    text.strip_suffix('h').is_some_and(|hours| !hours.is_empty() && hours.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Announces work.
pub fn plan(site: &Site, order: &PlanOrder, now: UtcMs) -> Result<PlanAnswer, Failure> {
    let alone = |desk: &mut Desk| {
        let Work { scope, window, why } =
            phusong_gaps::plan(&desk.evidence.inventory, &desk.evidence.planned, order, now)?;
        let author = desk.author.clone();
        let planned = desk.store.plan(&NewWork { scope, window, why, author, added: now })?;
        Ok(answer(planned, &desk.evidence.inventory))
    };
    give(site, "/api/v1/maintenance", order, now, alone)
}

/// Ends announced work, or cancels it.
pub fn end(site: &Site, id: MaintenanceId, now: UtcMs) -> Result<PlanAnswer, Failure> {
    let alone = |desk: &mut Desk| {
        let known = desk.evidence.planned.iter().find(|planned| planned.id == id);
        let refused = |error: OrderError| Alone::Refused(error.into());
        let known = known.ok_or_else(|| refused(OrderError::UnknownWork { id }))?;
        if known.maintenance().is_none_or(|work| work.window.to <= now) {
            return Err(refused(OrderError::WorkIsOver { id }));
        }
        let ended = desk.store.end_work(id, now)?.ok_or_else(|| refused(OrderError::UnknownWork { id }))?;
        Ok(answer(ended, &desk.evidence.inventory))
    };
    give(site, &format!("/api/v1/maintenance/{}/end", id.0), &(), now, alone)
}

fn answer(planned: Planned, inventory: &Inventory) -> PlanAnswer {
    let links = inventory.links.iter().filter(|link| planned.scope.touches(link)).count() as u64;
    PlanAnswer { schema: PlanAnswer::SCHEMA.to_owned(), planned, links }
}

/// What was announced or ended, in a sentence or two.
pub fn told(given: &PlanAnswer, view: &View) -> Vec<String> {
    let planned = &given.planned;
    let lang = view.lang;
    let whose = match &planned.scope {
        Scope::Link(link) => link.to_string(),
        Scope::Commune(code) => code.to_string(),
        Scope::Group(group) => group.to_string(),
    };
    let [from, to] = [planned.window.from, planned.window.to].map(|at| glossary::moment(lang, at, view.now));
    let links = glossary::integer(lang, given.links);
    let word = lang.of(("tuyến", if given.links == 1 { "link" } else { "links" }));
    let mut facts = vec![
        format!("{} {}", lang.of(("lịch bảo trì", "announced work")), planned.id.0),
        format!("{whose}: {links} {word}"),
        format!("{from} – {to} ({})", glossary::duration(lang, planned.window.length())),
        planned.why.clone(),
    ];
    facts.extend(planned.ended.map(|ended| {
        let at = glossary::moment(lang, ended, view.now);
        match (planned.maintenance().is_some(), lang) {
            (true, Lang::Vi) => format!("đã kết thúc lúc {at}"),
            (true, Lang::En) => format!("ended at {at}"),
            (false, Lang::Vi) => "đã huỷ".to_owned(),
            (false, Lang::En) => "cancelled".to_owned(),
        }
    }));
    view.facts(facts)
}
