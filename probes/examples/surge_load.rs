//! The same load on surge-ping: one client, a task for each target, spread over the time that the rate gives or all at
//! once, and its socket as it opens it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
    time::Duration,
};

use anyhow::ensure;
use serde_json::{Value, json};
use socket2::Type;
use surge_ping::{Client, Config, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use self::load::{Account, Arguments, Meter, PerTarget, Sock};

mod load;

/// Bytes behind the ICMP header; the engine's.
const PAYLOAD: [u8; 24] = [0; 24];

fn main() -> ExitCode {
    load::run("surge_load", run)
}

fn run(arguments: &Arguments) -> anyhow::Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let kind = if arguments.sock == Some(Sock::Dgram) { Type::DGRAM } else { Type::RAW };
    let client = {
        let _inside = runtime.enter();
        Client::new(&Config::builder().sock_type_hint(kind).build())?
    };
    // It falls back on the other kind without a word.
    let sock = if client.get_socket().get_type() == Type::RAW { Sock::Raw } else { Sock::Dgram };
    ensure!(arguments.sock.is_none_or(|wanted| wanted == sock), "the machine refuses that kind of socket");
    let mut per_target = PerTarget::open(arguments)?;
    let mut meter = Meter::start()?;
    let targets = arguments.addresses()?;
    let mut account = Account::default();
    for round in 0..arguments.rounds {
        let answers = meter.measure(|| runtime.block_on(ping_all(&client, arguments, &targets, round)))?;
        per_target.write(answers.iter().filter_map(|(target, answer)| match answer {
            Answer::Reply(rtt) => Some((*target, *rtt)),
            Answer::Lost | Answer::NotSent => None,
        }))?;
        for (_, answer) in answers {
            match answer {
                Answer::Reply(rtt) => account.rtts.push(rtt),
                Answer::Lost => account.lost += 1,
                Answer::NotSent => account.blind += 1,
            }
        }
    }
    account.sent = account.rtts.len() as u64 + account.lost;
    Ok(load::line(arguments, sock, account, &meter, json!({})))
}

enum Answer {
    Reply(u32),
    Lost,
    NotSent,
}

async fn ping_all(client: &Client, arguments: &Arguments, targets: &[Ipv4Addr], round: u32) -> Vec<(Ipv4Addr, Answer)> {
    let (start, spread) = (Instant::now(), arguments.spread());
    let mut tasks = JoinSet::new();
    let mut number = 0_u32;
    for echo in 0..u32::from(arguments.echoes) {
        let sequence = PingSequence((round * u32::from(arguments.echoes) + echo) as u16);
        for target in targets {
            let due = start + spread.mul_f64(f64::from(number) / arguments.echoes_of_a_round() as f64);
            let identifier = PingIdentifier(number as u16);
            number += 1;
            tasks.spawn(ping(client.clone(), *target, (identifier, sequence), arguments.timeout(), due));
        }
    }
    tasks.join_all().await
}

async fn ping(
    client: Client,
    target: Ipv4Addr,
    (identifier, sequence): (PingIdentifier, PingSequence),
    timeout: Duration,
    due: Instant,
) -> (Ipv4Addr, Answer) {
    sleep_until(due).await;
    let mut pinger = client.pinger(IpAddr::from(target), identifier).await;
    pinger.timeout(timeout);
    let answer = match pinger.ping(sequence, &PAYLOAD).await {
        // On a raw socket surge-ping hands out ICMP errors as answers too.
        Ok((IcmpPacket::V4(packet), rtt)) if packet.get_icmp_type().0 == 0 => Answer::Reply(rtt.as_micros() as u32),
        Ok(_) | Err(SurgeError::Timeout { .. }) => Answer::Lost,
        Err(_) => Answer::NotSent,
    };
    (target, answer)
}
