//! Whether an order can be carried out, and on what exactly.

use phusong_model::{
    Inventory, MAINTENANCE_LONGEST, Millis, NOTE_MAX, Planned, Scope, TICKET_MAX, UtcMs, WHY_MAX, Window,
    answer::AskError,
    command::{AckOrder, OrderError, PlanOrder},
    nfc,
};
use thiserror::Error;

use crate::{find_commune, find_group, find_link};

/// Windows of planned work that may be ahead at once: a window a day for each commune of a country would not be read by
/// anybody.
const WORK_MOST: usize = 10_000;

/// How long an order may be on its way.
const ON_ITS_WAY: Millis = Millis::from_secs(60);

/// Why an order is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// It names something that is not there.
    #[error(transparent)]
    Asked(#[from] AskError),
    /// It cannot be carried out as it is.
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// Work that may be announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Whose links.
    pub scope: Scope,
    /// When: from now on at the earliest, since what was accounted is not rewritten.
    pub window: Window,
    /// What is done.
    pub why: String,
}

/// Judges an order to announce work, while `planned` is announced already.
///
/// # Errors
/// When it names nothing that is there, or its window or reason will not do.
pub fn plan(inventory: &Inventory, planned: &[Planned], order: &PlanOrder, now: UtcMs) -> Result<Work, Refused> {
    let scope = match (&order.link, &order.commune, &order.group) {
        (Some(link), None, None) => Scope::Link(find_link(&inventory.links, link)?.id.clone()),
        (None, Some(commune), None) => Scope::Commune(find_commune(&inventory.communes, commune)?.code.clone()),
        (None, None, Some(group)) => Scope::Group(find_group(&inventory.links, group)?.clone()),
        _ => return Err(OrderError::NoScope.into()),
    };
    let (Some(from), Some(to)) = (order.from, order.to) else { return Err(OrderError::NoWindow.into()) };
    let why = nfc(&order.why);
    if to <= from {
        return Err(OrderError::Backwards { from, to }.into());
    }
    if to <= now {
        return Err(OrderError::Over { to }.into());
    }
    // What was typed as "now" is a moment ago when it arrives.
    let from = if now.since(from) <= ON_ITS_WAY { from } else { now };
    let window = Window::new(from, to);
    if window.length() > MAINTENANCE_LONGEST {
        return Err(OrderError::TooLong.into());
    }
    if why.is_empty() || why.chars().count() > WHY_MAX {
        return Err(OrderError::NoReason.into());
    }
    let ahead = planned.iter().filter(|work| work.maintenance().is_some_and(|work| work.window.to > now)).count();
    if ahead >= WORK_MOST {
        return Err(OrderError::TooMuch { most: WORK_MOST }.into());
    }
    Ok(Work { scope, window, why })
}

/// Judges what is said with an acknowledgement, and gives it as it is kept.
///
/// # Errors
/// When a text is too long.
pub fn acknowledge(order: &AckOrder) -> Result<AckOrder, Refused> {
    let text = |text: &Option<String>, most: usize| {
        let text = text.as_deref().map(nfc).filter(|text| !text.is_empty());
        let fits = text.as_ref().is_none_or(|text| text.chars().count() <= most);
        if fits { Ok(text) } else { Err(OrderError::TooLongNote) }
    };
    Ok(AckOrder { note: text(&order.note, NOTE_MAX)?, ticket: text(&order.ticket, TICKET_MAX)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::province;

    const NOW: UtcMs = UtcMs(1_000_000);
    const HOUR: Millis = Millis::from_secs(3600);

    fn order() -> PlanOrder {
        let (from, to) = (Some(NOW.plus(HOUR)), Some(NOW.plus(HOUR).plus(HOUR)));
        PlanOrder {
            commune: Some("na hang".to_owned()),
            from,
            to,
            why: " Thay  cột ".to_owned(),
            ..PlanOrder::default()
        }
    }

    fn plan(order: &PlanOrder) -> Result<Work, Refused> {
        super::plan(&province().inventory, &[], order, NOW)
    }

    #[test]
    fn work_is_about_what_people_named_and_begins_now_at_the_earliest() {
        let work = plan(&order()).expect("fine");
        assert_eq!((&work.scope, work.why.as_str()), (&Scope::Commune("00001".parse().expect("code")), "Thay cột"));
        let begun = PlanOrder { from: Some(NOW.minus(HOUR)), ..order() };
        assert_eq!(plan(&begun).map(|work| work.window.from), Ok(NOW));
    }

    #[test]
    fn a_note_is_kept_without_stray_spaces_and_not_endless() {
        let order = |note: &str| AckOrder { note: Some(note.to_owned()), ticket: Some("  ".to_owned()) };
        let kept = acknowledge(&order(" đã  gọi VNPT ")).expect("fine");
        assert_eq!((kept.note.as_deref(), kept.ticket), (Some("đã gọi VNPT"), None));
        assert!(acknowledge(&order(&"ă".repeat(NOTE_MAX))).is_ok());
        assert_eq!(acknowledge(&order(&"ă".repeat(NOTE_MAX + 1))), Err(OrderError::TooLongNote.into()));
    }

    #[test]
    fn what_will_not_do_is_refused_with_its_reason() {
        let refused = |order: PlanOrder| match plan(&order) {
            Err(Refused::Order(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(PlanOrder { link: Some("fibre-1".to_owned()), ..order() }), OrderError::NoScope);
        assert_eq!(refused(PlanOrder { commune: None, ..order() }), OrderError::NoScope);
        assert_eq!(refused(PlanOrder { to: None, ..order() }), OrderError::NoWindow);
        assert!(matches!(refused(PlanOrder { to: order().from, ..order() }), OrderError::Backwards { .. }));
        let past = PlanOrder { from: Some(UtcMs(1)), to: Some(NOW), ..order() };
        assert_eq!(refused(past), OrderError::Over { to: NOW });
        let long = PlanOrder { to: Some(NOW.plus(HOUR).plus(MAINTENANCE_LONGEST).plus(Millis(1))), ..order() };
        assert_eq!(refused(long), OrderError::TooLong);
        assert_eq!(refused(PlanOrder { why: "  ".to_owned(), ..order() }), OrderError::NoReason);
        let unknown = PlanOrder { commune: Some("binh sa".to_owned()), ..order() };
        assert!(matches!(plan(&unknown), Err(Refused::Asked(AskError::UnknownCommune { .. }))));
    }
}
