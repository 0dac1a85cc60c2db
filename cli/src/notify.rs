//! `phusong notify test`.

use std::time::Duration;

use phusong_model::{
    command::{NotifyTestAnswer, NotifyTestOrder, TriedChannel},
    glossary::{self, Head, Term as _},
};

use crate::{
    ask::daemon::{self, Limits},
    failure::Failure,
    paint::Tone,
    show::View,
    site::Site,
    table::{Cell, Table},
};

/// How long beyond the time limits of the channels the daemon is waited for.
const ROOM: Duration = Duration::from_secs(5);

/// Has the daemon try the channels: it knows their secrets, and this program may not.
pub fn test(site: &Site, channel: Option<String>) -> Result<NotifyTestAnswer, Failure> {
    // A mail goes to each receiver by itself.
    let longest = site.config.notify.channel.iter().map(|channel| channel.timeout.0 * (channel.to.len().max(1) as u32));
    let head = longest.max().unwrap_or_default() + ROOM;
    let limits = Limits { head, whole: head + ROOM };
    daemon::order(&site.socket, "/api/v1/notify/test", &NotifyTestOrder { channel }, limits)
        .map_err(|fault| Failure::NoDaemon { fault, starter: site.starter.clone() })?
        .map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() })
}

/// Each channel with what came of it.
pub fn lines(answer: &NotifyTestAnswer, view: &View) -> Vec<String> {
    let mut table = Table::new(vec![
        view.text(Head::Channel).shrink(10),
        view.text(Head::Kind).drop(1),
        view.text(Head::State),
        view.text(Head::Notes).shrink(16),
    ]);
    for tried in &answer.channels {
        let (word, tone) = match (tried.delivered, &tried.fault) {
            (true, None) => (view.lang.of(("đã gửi", "delivered")), Tone::Plain),
            (true, Some(_)) => (view.lang.of(("gửi thiếu", "delivered in part")), Tone::Warning),
            (false, _) => (view.lang.of(("không gửi được", "not delivered")), Tone::Warning),
        };
        table.row(vec![
            Cell::new(&tried.channel),
            Cell::new(tried.kind.term(view.lang)),
            Cell::new(word).tone(tone),
            Cell::new(told(tried, view)),
        ]);
    }
    view.table(table)
}

fn told(tried: &TriedChannel, view: &View) -> String {
    tried.fault.clone().unwrap_or_else(|| glossary::duration(view.lang, tried.took_ms))
}
