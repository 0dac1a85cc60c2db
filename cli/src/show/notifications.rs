//! `phusong notify`.

use phusong_model::{
    ChannelHealth, NotificationItem,
    glossary::{self, Head, Term, cause},
};

use super::View;
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

pub fn lines(channels: &[ChannelHealth], items: &[NotificationItem], view: &View) -> Vec<String> {
    if channels.is_empty() && items.is_empty() {
        let none = (
            "chưa cấu hình kênh báo tin nào; xem docs/notifications.md",
            "no channel is configured; see docs/notifications.md",
        );
        return vec![view.lang.of(none).to_owned()];
    }
    let mut lines = view.table(ways(channels, view));
    lines.push(String::new());
    if items.is_empty() {
        lines.push(view.lang.of(("chưa báo tin nào trong thời gian này", "nothing was told in this time")).to_owned());
    } else {
        lines.extend(view.table(messages(items, view)));
    }
    lines
}

fn ways(channels: &[ChannelHealth], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Channel).shrink(10),
        view.text(Head::Kind).drop(2),
        view.number(Head::Waiting),
        view.number(Head::Delivered).drop(3),
        view.number(Head::GivenUp).drop(3),
        view.text(Head::Last).yields(2),
        view.text(Head::Notes).shrink(16),
    ]);
    for channel in channels {
        let number = |number: u64| Cell::new(glossary::integer(view.lang, number));
        let notes = match (&channel.fault, channel.quiet_until) {
            (Some(fault), _) => Cell::new(fault).tone(Tone::Warning),
            (None, Some(until)) => {
                let until = glossary::moment(view.lang, until, view.now);
                Cell::new(view.lang.pick(format!("giờ yên lặng đến {until}"), format!("quiet until {until}")))
            }
            (None, None) => Cell::new(""),
        };
        table.row(vec![
            Cell::new(&channel.channel),
            Cell::new(channel.kind.term(view.lang)),
            number(channel.waiting),
            number(channel.delivered),
            number(channel.given_up),
            channel.last.map_or_else(|| Cell::maybe(None::<String>), |last| view.moment(last)),
            notes,
        ]);
    }
    table
}

fn messages(items: &[NotificationItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Time),
        view.number(Head::Event),
        view.text(Head::Turn),
        view.text(Head::Cause).shrink(8).drop(1),
        view.number(Head::Links).drop(2),
        view.text(Head::Channel).shrink(16),
    ]);
    for item in items {
        table.row(vec![
            view.moment(item.at),
            Cell::new(item.event.0.to_string()),
            Cell::new(item.turn.term(view.lang)),
            Cell::new(cause(view.lang, &item.cause, None)),
            Cell::new(glossary::integer(view.lang, item.links)),
            Cell::new(deliveries(item, view)),
        ]);
    }
    table
}

/// The channels, each with what became of the message where that is not that it arrived.
fn deliveries(item: &NotificationItem, view: &View) -> String {
    let told = item.deliveries.iter().map(|delivery| match (delivery.done, &delivery.given_up) {
        (Some(_), None) => delivery.channel.clone(),
        (Some(_), Some(reason)) => {
            format!("{} ({}: {reason})", delivery.channel, view.lang.of(("đã bỏ", "given up")))
        }
        (None, _) => format!("{} ({})", delivery.channel, view.lang.of(("đang chờ", "waiting"))),
    });
    told.collect::<Vec<_>>().join(", ")
}
