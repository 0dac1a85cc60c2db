//! A daemon that is there and does not answer in time.

use std::{
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    time::Duration,
};

use phusong_model::{
    answer::{Query, Topic},
    glossary::Lang,
};

use super::{
    Site,
    daemon::{Behaviour, Daemon},
};
use crate::{
    ask::daemon::{DaemonFault, Limits},
    failure,
    remedy::Starter,
};

/// Limits that a test can wait for.
const SHORT: Limits = Limits { head: Duration::from_millis(50), whole: Duration::from_millis(100) };

/// What becomes of a question to this socket within `limits`.
fn fault_at(socket: &Path, limits: Limits) -> DaemonFault {
    let query = Query::about(Topic::Status);
    crate::ask::daemon::ask(socket, &query, limits).expect_err("no answer")
}

#[test]
fn a_daemon_that_hangs_is_not_waited_for() {
    let site = Site::new();
    let _listener = UnixListener::bind(site.socket()).expect("bind");
    let fault = fault_at(&site.socket(), SHORT);
    assert!(matches!(fault, DaemonFault::Silent { limit, .. } if limit == SHORT.head), "{fault:?}");
    let said = failure::daemon_away(Lang::En, &fault, &Starter::Service, Path::new("/data"), None);
    assert!(said.starts_with("warning: phusongd does not answer: it is busy or hangs: no answer at"), "{said}");
    assert!(said.ends_with("look at it: systemctl status phusongd"), "{said}");
}

#[test]
fn a_daemon_whose_queue_is_full_is_busy() {
    let site = Site::new();
    let listener = UnixListener::bind(site.socket()).expect("bind");
    nix::sys::socket::listen(&listener, nix::sys::socket::Backlog::new(0).expect("a backlog")).expect("listen");
    let _first = UnixStream::connect(site.socket()).expect("connect");
    let fault = fault_at(&site.socket(), SHORT);
    assert!(matches!(fault, DaemonFault::Silent { .. }), "{fault:?}");
}

#[test]
fn an_answer_that_begins_may_take_longer_but_must_end() {
    let site = Site::new();
    let unfinished = Behaviour::Stalls(200, b"{\"schema\":".to_vec());
    let daemon = Daemon::start(&site.socket(), unfinished);
    let patient = Limits { head: Duration::from_secs(60), ..SHORT };
    let fault = fault_at(&site.socket(), patient);
    assert!(matches!(fault, DaemonFault::Unfinished { limit, .. } if limit == SHORT.whole), "{fault:?}");
    let said = failure::daemon_away(Lang::Vi, &fault, &Starter::Service, Path::new("/data"), None);
    assert!(
        said.starts_with("cảnh báo: phusongd không trả lời: đang bận hoặc bị treo") && said.contains("status"),
        "{said}"
    );
    daemon.question();
}
