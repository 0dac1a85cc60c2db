//! The alerts of Prometheus' Alertmanager, API v2: one alert for an event, by labels that never change, resolved when the
//! event is over.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use phusong_model::{
    EventId, Fault, Millis, Notification, Turn, UtcMs,
    glossary::{Lang, message_line, message_lines},
};
use serde::Serialize;

use super::{Around, Outcome, post::Post};

/// How long an alert stands if it is not heard of again. A prober that is dead must not end the alerts of outages that it
/// can no longer see the end of, as Alertmanager's own five minutes would.
const STANDS: Millis = Millis::from_secs(86_400);

/// How long a test is shown.
const TEST_STANDS: Millis = Millis::from_secs(300);

/// An Alertmanager.
pub(super) struct Alertmanager {
    post: Post,
    lang: Lang,
}

/// An alert as `POST /api/v2/alerts` takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'a> {
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
    starts_at: &'a UtcMs,
    ends_at: UtcMs,
}

impl Alertmanager {
    pub(super) fn open(around: &Around<'_>) -> Result<Self, Fault> {
        Ok(Self { post: Post::open(around, "/api/v2/alerts")?, lang: around.lang })
    }

    pub(super) async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        match serde_json::to_vec(&alerts(self.lang, messages, now)) {
            Ok(body) => self.post.send(HeaderMap::new(), body).await,
            Err(error) => Outcome::Never(error.to_string()),
        }
    }
}

/// An alert for each event, as its last message tells it.
fn alerts(lang: Lang, messages: &[Notification], now: UtcMs) -> Vec<Alert<'_>> {
    let last: BTreeMap<EventId, &Notification> = messages.iter().map(|message| (message.event, message)).collect();
    last.into_values().map(|message| alert(lang, message, now)).collect()
}

fn alert(lang: Lang, message: &Notification, now: UtcMs) -> Alert<'_> {
    let vantage = ("vantage", message.vantage.clone());
    let labels = match message.turn {
        Turn::Test => BTreeMap::from([("alertname", "PhusongTest".to_owned()), vantage]),
        Turn::Opened | Turn::Escalated | Turn::Cause | Turn::Closed => {
            BTreeMap::from([("alertname", "PhusongOutage".to_owned()), ("event", message.event.0.to_string()), vantage])
        }
    };
    let annotations = BTreeMap::from([
        ("summary", message_line(lang, message)),
        ("description", message_lines(lang, message).join("\n")),
        ("cause", message.cause.id().to_owned()),
    ]);
    let ends_at = match message.turn {
        Turn::Test => now.plus(TEST_STANDS),
        Turn::Closed => message.end.unwrap_or(message.at),
        // A link that flaps may be up just now.
        Turn::Opened | Turn::Escalated => now.plus(STANDS),
        // A cause may be found when the event is over.
        Turn::Cause => message.end.unwrap_or(now.plus(STANDS)),
    };
    Alert { labels, annotations, starts_at: &message.start, ends_at: ends_at.max(message.start.plus(Millis(1))) }
}

#[cfg(test)]
mod tests {
    use phusong_model::Inventory;

    use super::*;

    fn message(event: i64, turn: Turn, end: Option<UtcMs>) -> Notification {
        let test = Notification::test("here", &Inventory::default(), UtcMs(60_000));
        Notification { event: EventId(event), turn, start: UtcMs(30_000), end, ..test }
    }

    #[test]
    fn an_event_is_one_alert_that_stands_until_it_is_over() {
        let (now, end) = (UtcMs(100_000), UtcMs(90_000));
        let told =
            [message(1, Turn::Opened, None), message(2, Turn::Opened, None), message(1, Turn::Closed, Some(end))];
        let alerts = alerts(Lang::En, &told, now);
        let seen: Vec<_> = alerts.iter().map(|a| (a.labels.get("event").map(String::as_str), a.ends_at)).collect();
        assert_eq!(seen, [(Some("1"), end), (Some("2"), now.plus(STANDS))]);
        assert_eq!(alerts.iter().map(|alert| *alert.starts_at).collect::<Vec<_>>(), [UtcMs(30_000); 2]);
    }

    #[test]
    fn a_link_that_flaps_stands_although_it_is_up_just_now() {
        let (now, end) = (UtcMs(100_000), Some(UtcMs(90_000)));
        let ends_at = |turn| alert(Lang::En, &message(1, turn, end), now).ends_at;
        assert_eq!(ends_at(Turn::Opened), now.plus(STANDS));
        assert_eq!((ends_at(Turn::Cause), ends_at(Turn::Closed)), (UtcMs(90_000), UtcMs(90_000)));
    }

    #[test]
    fn what_became_a_part_of_another_event_ends_at_once() {
        let joined = [Notification { joined: Some(EventId(1)), ..message(2, Turn::Closed, None) }];
        assert_eq!(alerts(Lang::Vi, &joined, UtcMs(100_000)).first().map(|alert| alert.ends_at), Some(UtcMs(60_000)));
    }
}
