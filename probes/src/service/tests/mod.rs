//! Services that behave, and services that do not: each gets its own verdict within its own time.

mod dns;
mod http;
mod tcp;
mod tls;

use std::{
    net::SocketAddr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, unshare};
use phusong_model::BlindReason;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::icmp::Echo;

/// Long enough for a machine that is busy with something else.
const PATIENT: ServicePlan =
    ServicePlan { attempts: 2, spacing: Duration::from_millis(500), timeout: Duration::from_secs(20) };

/// For services that are silent.
const SHORT: ServicePlan = ServicePlan { timeout: Duration::from_millis(300), ..PATIENT };

const UNSENT: Echo = Echo::NotSent(BlindReason::SendError);

fn prober() -> ServiceProber {
    ServiceProber::new(Trust::load(None).expect("nothing of ours to read"))
}

fn target(url: &str) -> ServiceTarget {
    ServiceTarget { service: url.parse().unwrap_or_else(|error| panic!("{url}: {error}")), pinned: None }
}

/// A round of the service behind the URL.
async fn look(prober: &ServiceProber, url: &str, plan: &ServicePlan) -> ServiceReport {
    look_at(prober, &target(url), plan).await
}

async fn look_at(prober: &ServiceProber, target: &ServiceTarget, plan: &ServicePlan) -> ServiceReport {
    let addresses = prober.find(target, plan.timeout).await.expect("an address");
    prober.round(&target.service, &addresses, plan).await
}

fn answered(report: &ServiceReport) -> bool {
    report.attempts.len() == 2 && report.attempts.iter().all(|echo| matches!(echo, Echo::Reply(rtt) if rtt.0 > 0))
}

fn lost(report: &ServiceReport) -> bool {
    report.attempts == [Echo::Lost; 2]
}

/// A TCP server that does the same with every connection.
async fn server<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A port on which nobody listens.
async fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.and_then(|listener| listener.local_addr()).expect("a port")
}

/// Sends the same bytes until the other side has enough.
async fn for_ever(mut stream: TcpStream, head: &'static [u8], again: &'static [u8]) {
    let mut outcome = stream.write_all(head).await;
    while outcome.is_ok() {
        outcome = stream.write_all(again).await;
    }
}

/// Runs a test in a network namespace of its own with loopback up, or says why it cannot.
fn in_namespace<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let run = move || match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => {
            command("ip", &["link", "set", "lo", "up"]);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(test());
        }
        Err(errno) => println!("skipped: no right to make a network namespace: {errno}"),
    };
    if let Err(panic) = thread::spawn(run).join() {
        std::panic::resume_unwind(panic);
    }
}

fn command(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(status.success(), "{program} {arguments:?}");
}
