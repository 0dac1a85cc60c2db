//! Who is asked: the daemon, else the store.

use phusong_model::{
    LinkId, UtcMs,
    answer::{Answer, AskError, Query, Topic},
    glossary::Lang,
};

use super::picture::{Heard, Picture};
use crate::{
    ask::{
        self,
        daemon::{DaemonFault, Refusal},
    },
    failure::{self, Failure, NoSource},
    since,
    site::Site,
};

/// What was told of one link, when one was asked about.
pub type Told = Option<Result<Answer, Failure>>;

/// Where answers come from and what they are about.
#[derive(Debug, Clone)]
pub struct Source {
    /// Who is asked.
    pub site: Site,
    /// In which language remedies are told.
    pub lang: Lang,
    /// Only this commune.
    pub commune: Option<String>,
    /// Only this group.
    pub group: Option<String>,
    /// The start of the window, as it was typed: it moves on with the clock.
    pub since: Option<String>,
}

impl Source {
    fn query(&self, topic: Topic, now: UtcMs) -> Query {
        // It was read once before anything was asked.
        let since = self.since.as_deref().and_then(|text| since::parse(text, now).ok());
        Query { since, commune: self.commune.clone(), group: self.group.clone(), ..Query::about(topic) }
    }

    fn queries(&self, now: UtcMs) -> [Query; 3] {
        [Topic::Status, Topic::Links, Topic::Outages].map(|topic| self.query(topic, now))
    }

    /// Asks the daemon for everything, one question after the other.
    pub fn daemon(&self, now: UtcMs) -> Result<Result<Picture, Refusal>, DaemonFault> {
        let mut answers = Vec::new();
        for query in self.queries(now) {
            match ask::daemon::ask(&self.site.socket, &query, ask::daemon::LIMITS)? {
                Ok(answer) => answers.push(answer),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let what = || "it answers something else than was asked".to_owned();
        let foreign = || DaemonFault::Foreign { socket: self.site.socket.clone(), what: what() };
        Picture::of(answers, Heard::Daemon).map(Ok).ok_or_else(foreign)
    }

    /// Reads everything from the store, because the daemon gave no answer; and from the same look at it what it tells of a
    /// link.
    pub fn store(&self, now: UtcMs, fault: DaemonFault, link: Option<&LinkId>) -> Result<(Picture, Told), Failure> {
        let mut queries = self.queries(now).to_vec();
        let all = queries.len();
        queries.extend(link.map(|link| self.query_of(link, now)));
        let heard = Heard::Store {
            reason: failure::told(self.lang, &fault),
            remedy: self.site.starter.remedy(self.lang, &fault),
        };
        let mut answers = match ask::store::ask_together(self.site.folder(), &queries, now) {
            Ok(answers) => answers,
            Err(store) => {
                let sources = NoSource { daemon: fault, store, starter: self.site.starter.clone() };
                return Err(Failure::NoAnswer(Box::new(sources)));
            }
        };
        let of_link = (answers.len() > all).then(|| answers.pop()).flatten();
        let answers = answers.into_iter().collect::<Result<_, _>>().map_err(refused)?;
        let picture = Picture::of(answers, heard).ok_or_else(|| refused(AskError::UnknownTopic))?;
        Ok((picture, of_link.map(|answer| answer.map_err(refused))))
    }

    fn query_of(&self, link: &LinkId, now: UtcMs) -> Query {
        Query { link: Some(link.to_string()), ..self.query(Topic::Link, now) }
    }

    /// Asks about one link.
    pub fn link(&self, link: &LinkId, now: UtcMs) -> Result<Answer, Failure> {
        ask::either(&self.site, &self.query_of(link, now), now).map(|(answer, _away)| answer)
    }
}

fn refused(error: AskError) -> Failure {
    Failure::Question { refusal: Refusal::Known(error), conditions: Vec::new() }
}
