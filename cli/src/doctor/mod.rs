//! `phusong doctor`: what is wrong with an installation, part by part, each with what mends it. It asks the daemon, reads
//! files and what the kernel tells, and changes nothing. Each part is looked at by a thread of its own that nobody waits
//! for longer than some seconds: a folder on a server that is away must not hide what is wrong with the rest.

mod clock;
mod commands;
mod configuration;
mod disk;
mod finding;
mod folder;
mod geodata;
mod network;
mod page;
mod receivers;
mod rights;
mod running;
mod scene;
mod secrets;
mod show;
mod stored;
mod unit;
mod users;

use std::{
    io::Write,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    program::{drawn, json, print},
};

use finding::{Finding, Part, Said, Verdict};
use scene::Scene;

/// How long a part may take: the daemon is given two seconds, SQLite waits five for a lock that should take milliseconds.
const PATIENCE: Duration = Duration::from_secs(6);

/// Looks at one part.
type Look = fn(&Scene) -> Vec<Finding>;

/// All parts, in the order in which they rest on each other.
const LOOKS: [(Part, Look); 17] = [
    (Part::Configuration, configuration::look),
    (Part::Inventory, configuration::look_at_inventory),
    (Part::Secrets, secrets::look),
    (Part::Folder, folder::look),
    (Part::Store, stored::look),
    (Part::Disk, disk::look),
    (Part::Daemon, running::look),
    (Part::Unit, unit::look),
    (Part::Ping, rights::look),
    (Part::Buffers, rights::look_at_buffers),
    (Part::Clock, clock::look),
    (Part::Eyes, network::look_at_eyes),
    (Part::Snmp, network::look_at_snmp),
    (Part::Influx, receivers::look_at_influx),
    (Part::Notify, receivers::look_at_channels),
    (Part::Geodata, geodata::look),
    (Part::Page, page::look),
];

/// Looks at everything and tells it; gives the exit code.
pub fn run(arguments: &Arguments, environment: &Environment, out: &mut dyn Write) -> Result<u8, Failure> {
    let findings = examine(arguments, environment);
    let text = match arguments.format() {
        Format::Table => drawn(arguments, environment, |view| show::lines(&findings, view)),
        Format::Json => json(&show::document(&findings, environment.now()))?,
        Format::Csv => show::csv(&findings).map_err(Failure::Output)?,
    };
    print(out, &text)?;
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    Ok(match worst {
        Verdict::Fault => phusong_gaps::FINDINGS,
        Verdict::Warning if arguments.check => phusong_gaps::FINDINGS,
        Verdict::Ok | Verdict::NotLookedAt | Verdict::Warning => phusong_gaps::ANSWERED,
    })
}

fn examine(arguments: &Arguments, environment: &Environment) -> Vec<Finding> {
    let path = environment.config_path(arguments.config.as_deref());
    let (socket, now) = (arguments.socket.clone(), environment.now());
    let (sender, arrived) = mpsc::channel();
    thread::spawn(move || drop(sender.send(Scene::set(path, socket, now))));
    match arrived.recv_timeout(PATIENCE) {
        Ok(scene) => together(&Arc::new(scene), &LOOKS, PATIENCE),
        Err(_) => vec![late(Part::Configuration, PATIENCE)],
    }
}

/// All looks at once, each with the same patience; what they found in their order.
fn together(scene: &Arc<Scene>, looks: &[(Part, Look)], patience: Duration) -> Vec<Finding> {
    let (sender, arrived) = mpsc::channel();
    for (place, (_, look)) in looks.iter().enumerate() {
        let (scene, sender, look) = (Arc::clone(scene), sender.clone(), *look);
        // One that is late speaks to nobody, and ends with the program.
        thread::spawn(move || drop(sender.send((place, look(&scene)))));
    }
    drop(sender);
    let until = Instant::now() + patience;
    let mut found: Vec<Option<Vec<Finding>>> = looks.iter().map(|_| None).collect();
    while let Ok((place, findings)) = arrived.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if let Some(slot) = found.get_mut(place) {
            *slot = Some(findings);
        }
    }
    let told = found.into_iter().zip(looks);
    told.flat_map(|(findings, (part, _))| findings.unwrap_or_else(|| vec![late(*part, patience)])).collect()
}

/// A part that did not tell in time: something below it hangs.
fn late(part: Part, patience: Duration) -> Finding {
    let seconds = patience.as_secs();
    let fact = Said::new(
        format!("chưa xem xong sau {seconds} giây: có gì đó đang treo"),
        format!("not done after {seconds} s: something hangs"),
    );
    let remedy = Said::new(
        "xem ổ đĩa, ổ mạng nào treo: sudo dmesg | tail -20".to_owned(),
        "see which disk or network folder hangs: sudo dmesg | tail -20".to_owned(),
    );
    Finding::warning(part, fact, remedy)
}

#[cfg(test)]
mod tests {
    use phusong_model::{UtcMs, glossary::Lang};

    use super::*;

    #[test]
    fn what_hangs_or_fails_is_said_and_hides_nothing_else() {
        fn hangs(_: &Scene) -> Vec<Finding> {
            thread::sleep(Duration::from_secs(60));
            Vec::new()
        }
        fn fails(_: &Scene) -> Vec<Finding> {
            std::panic::panic_any("a fault of ours")
        }
        fn fine(_: &Scene) -> Vec<Finding> {
            vec![Finding::ok(Part::Page, Said::same("fine"))]
        }
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Arc::new(Scene::set(folder.path().join("absent.toml"), None, UtcMs(0)));
        let begun = Instant::now();
        let looks: [(Part, Look); 3] = [(Part::Store, hangs), (Part::Disk, fails), (Part::Page, fine)];
        let found = together(&scene, &looks, Duration::from_millis(200));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let told: Vec<_> = found.iter().map(|finding| (finding.part, finding.verdict)).collect();
        assert_eq!(told, [(Part::Store, Verdict::Warning), (Part::Disk, Verdict::Warning), (Part::Page, Verdict::Ok)]);
        assert!(found[0].fact.of(Lang::En).contains("hangs"), "{}", found[0].fact.of(Lang::En));
    }

    #[test]
    fn each_part_is_looked_at_once() {
        let mut parts: Vec<Part> = LOOKS.iter().map(|(part, _)| *part).collect();
        assert_eq!(parts.as_slice(), Part::ALL);
        parts.dedup();
        assert_eq!(parts.len(), LOOKS.len());
    }
}
