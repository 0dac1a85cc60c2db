//! Load on the ICMP engine: drives `Prober::round` as the daemon does, with nothing left out, and prints one JSON line.
//!
//! ```text
//! cargo run --release -p phusong-probes --example icmp_load -- --base 127.1.0.0 --targets 100000 --rounds 3
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
    time::Duration,
};

use phusong_model::{IcmpMode, Micros};
use phusong_probes::icmp::{Counters, Echo, Echoes, Prober, RoundPlan};
use serde_json::{Value, json};

use self::load::{Account, Arguments, Meter, PerTarget, Sock};

mod load;

fn main() -> ExitCode {
    load::run("icmp_load", run)
}

fn run(arguments: &Arguments) -> anyhow::Result<Value> {
    let mut prober = match arguments.sock {
        Some(Sock::Raw) => Prober::open_as(IcmpMode::Raw),
        Some(Sock::Dgram) => Prober::open_as(IcmpMode::Datagram),
        None => Prober::open(),
    }?;
    let sock = if prober.mode() == IcmpMode::Raw { Sock::Raw } else { Sock::Dgram };
    let mut per_target = PerTarget::open(arguments)?;
    let mut meter = Meter::start()?;
    let addresses = arguments.addresses()?;
    let targets: Vec<IpAddr> = addresses.iter().copied().map(IpAddr::from).collect();
    let plan = RoundPlan {
        echoes: arguments.echoes,
        spacing: Duration::ZERO,
        timeout: arguments.timeout(),
        spread: arguments.spread(),
    };
    let mut account = Account::default();
    let (mut counters, mut errors) = (Counters::default(), 0);
    for _ in 0..arguments.rounds {
        let report = meter.measure(|| prober.round(&targets, &plan))?;
        counters += report.counters;
        errors += report.errors.len();
        add(&mut account, &report.targets);
        per_target.write(answered(&addresses, &report.targets))?;
    }
    account.sent = counters.sent;
    Ok(load::line(arguments, sock, account, &meter, extra(&counters, errors)))
}

fn add(account: &mut Account, echoes: &Echoes) {
    for echo in echoes.iter().flatten() {
        match echo {
            Echo::Reply(Micros(rtt)) => account.rtts.push(*rtt),
            Echo::Lost => account.lost += 1,
            Echo::NotSent(_) => account.blind += 1,
        }
    }
}

fn answered<'a>(addresses: &'a [Ipv4Addr], echoes: &'a Echoes) -> impl Iterator<Item = (Ipv4Addr, u32)> {
    addresses.iter().zip(echoes.iter()).flat_map(|(address, echoes)| {
        echoes.iter().filter_map(|echo| match echo {
            Echo::Reply(Micros(rtt)) => Some((*address, *rtt)),
            Echo::Lost | Echo::NotSent(_) => None,
        })
    })
}

fn extra(counters: &Counters, errors: usize) -> Value {
    json!({
        "errors": errors,
        "foreign": {
            "source": counters.foreign_source,
            "token": counters.bad_token,
            "sequence": counters.wrong_sequence,
            "identifier": counters.foreign_identifier,
            "duplicate": counters.duplicate,
            "late": counters.late,
            "length": counters.wrong_length,
            "checksum": counters.bad_checksum,
            "kind": counters.not_a_reply,
            "error": counters.foreign_error,
            "forged_error": counters.forged_error,
        },
        "receive_drops": counters.receive_drops,
    })
}
