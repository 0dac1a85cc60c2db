//! All about one link.

use phusong_model::{Observed, Subject, answer::LinkBody};

use super::{
    light, links, outages, strip,
    view::{Seen, View},
};

/// None when the view is of no link.
pub(super) fn body(view: &View<'_>) -> Option<LinkBody> {
    let seen = view.seen.first()?;
    let link = seen.link;
    Some(LinkBody {
        link: links::item(view, seen),
        people: view.people_behind(link),
        upstream: link.upstream.clone(),
        contact: link.contact.clone(),
        interface: seen.now.and_then(|now| now.interface.clone()),
        outages: outages::items(view),
        observations: observations(view, seen),
        strip: strip::states(view, seen),
        looks: strip::looks(view, seen),
        light: view.evidence.close_up.as_ref().and_then(|close_up| light::item(link, &close_up.light)),
    })
}

/// Those of the link first, then those of the device at its end.
fn observations(view: &View<'_>, seen: &Seen<'_>) -> Vec<Observed> {
    let device = seen.link.interface.as_ref().map(|(device, _)| device);
    let all = &view.evidence.observations;
    let of_link = all.iter().filter(|observed| observed.subject == Subject::Link(seen.link.id.clone()));
    let of_device = all.iter().filter(|observed| match (&observed.subject, device) {
        (Subject::Device(about), Some(device)) => about == device,
        (Subject::Device(_) | Subject::Link(_), _) => false,
    });
    of_link.chain(of_device).cloned().collect()
}
