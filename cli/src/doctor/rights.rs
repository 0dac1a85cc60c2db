//! What the kernel lets both programs do: send echoes, and keep many replies until they are read.

use std::{fs, net::IpAddr};

use phusong_model::{IcmpMode, glossary, glossary::Term as _};
use phusong_probes::ping::{PingError, Pinger};

use super::{
    finding::{Finding, Part, Said},
    scene::Scene,
};
use crate::{failure::chain, remedy::Starter};

/// Bytes that the daemon asks for at its ICMP and SNMP sockets.
const ASKED: u64 = 4 << 20;

/// Groups that may open datagram sockets for ICMP.
const PING_RANGE: &str = "/proc/sys/net/ipv4/ping_group_range";

/// The most that a program without CAP_NET_ADMIN gets.
const RECEIVE_MOST: &str = "/proc/sys/net/core/rmem_max";

/// Whether this program and the daemon may ping.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let mut findings = vec![of_this_program()];
    match scene.health(Part::Ping) {
        Ok((site, _, health)) => findings.push(of_the_daemon(health.prober.icmp, &site.starter)),
        Err(unknown) => findings.extend(unknown),
    }
    findings
}

/// `phusong ping` and `phusong probe` need it; all else does not.
fn of_this_program() -> Finding {
    match open() {
        Ok(mode) => Finding::ok(Part::Ping, Said::by(|lang| format!("phusong: {}", mode.term(lang)))),
        Err(error) if error.is_permission() => {
            let range = range();
            let fact = Said::new(
                format!("phusong không có quyền ping: không có CAP_NET_RAW, ping_group_range là {range}"),
                format!("phusong may not ping: no CAP_NET_RAW, and ping_group_range is {range}"),
            );
            Finding::warning(Part::Ping, fact, Said::same("sudo setcap cap_net_raw+ep $(command -v phusong)"))
        }
        Err(error) => {
            let reason = chain(&error);
            let fact =
                Said::new(format!("phusong không ping được: {reason}"), format!("phusong cannot ping: {reason}"));
            Finding::warning(Part::Ping, fact, Said::same("phusong ping 127.0.0.1"))
        }
    }
}

/// Opens a socket as `phusong ping` does, and sends nothing.
fn open() -> Result<IcmpMode, PingError> {
    let loopback = IpAddr::from([127, 0, 0, 1]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| PingError::Socket { address: loopback, source })?;
    runtime.block_on(Pinger::open(loopback)).map(|pinger| pinger.mode())
}

/// Without it links are seen by SNMP alone, and those without SNMP not at all.
fn of_the_daemon(mode: IcmpMode, starter: &Starter) -> Finding {
    match mode {
        IcmpMode::Raw | IcmpMode::Datagram => {
            Finding::ok(Part::Ping, Said::by(|lang| format!("phusongd: {}", mode.term(lang))))
        }
        IcmpMode::None => {
            let range = range();
            let fact = Said::new(
                format!("phusongd không có quyền ping: không có CAP_NET_RAW, ping_group_range là {range}"),
                format!("phusongd may not ping: no CAP_NET_RAW, and ping_group_range is {range}"),
            );
            let set = "sudo setcap cap_net_raw+ep $(command -v phusongd)";
            let remedy = Said::by(|lang| match starter {
                Starter::Service => format!("{set} && sudo systemctl restart phusongd"),
                Starter::Demo { .. } => format!("{set}; {}", starter.restart(lang)),
            });
            Finding::fault(Part::Ping, fact, remedy)
        }
    }
}

/// As the kernel tells it, which is two numbers with a tab between them.
fn range() -> String {
    let range = fs::read_to_string(PING_RANGE).unwrap_or_default();
    let numbers: Vec<&str> = range.split_whitespace().collect();
    if numbers.is_empty() { "?".to_owned() } else { format!("\"{}\"", numbers.join(" ")) }
}

/// Whether replies are lost in our own kernel for lack of room.
pub fn look_at_buffers(scene: &Scene) -> Vec<Finding> {
    let (site, _, health) = match scene.health(Part::Buffers) {
        Ok(known) => known,
        Err(unknown) => return unknown,
    };
    let most = fs::read_to_string(RECEIVE_MOST).ok().and_then(|text| text.trim().parse::<u64>().ok());
    // Root is given what it asks for.
    let root = site.user.as_ref().is_some_and(|user| user.uid == 0);
    vec![buffers(most.filter(|_| !root), health.prober.receive_drops)]
}

/// By the bound that the kernel sets, where it sets one, and by how many replies were lost.
fn buffers(most: Option<u64>, drops: u64) -> Finding {
    let small = most.filter(|most| *most < ASKED);
    let fact = Said::by(|lang| {
        let drops = glossary::integer(lang, drops);
        let [most, asked] = [small.unwrap_or(ASKED), ASKED].map(|bytes| glossary::bytes(lang, bytes));
        lang.pick(
            format!("được cấp {most}, cần {asked}; gói trả lời bị bỏ: {drops}"),
            format!("{most} of the {asked} that are asked for; replies dropped: {drops}"),
        )
    });
    match (drops, small) {
        (0, _) => Finding::ok(Part::Buffers, fact),
        (_, Some(_)) => {
            let file = "/etc/sysctl.d/90-phusong.conf";
            let set = format!("echo net.core.rmem_max={ASKED} | sudo tee {file} && sudo sysctl --system");
            Finding::warning(Part::Buffers, fact, Said::same(set))
        }
        (_, None) => {
            let remedy = Said::words(("xem máy bận vì đâu: top", "see what keeps this machine busy: top"));
            Finding::warning(Part::Buffers, fact, remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::glossary::Lang;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn small_buffers_matter_when_replies_were_lost() {
        let verdict = |most, drops| buffers(most, drops).verdict;
        assert_eq!(verdict(Some(212_992), 0), Verdict::Ok);
        assert_eq!(verdict(None, 0), Verdict::Ok);
        let lost = buffers(Some(212_992), 7);
        assert_eq!(lost.verdict, Verdict::Warning);
        assert_eq!(
            lost.remedy.expect("a remedy").of(Lang::En),
            "echo net.core.rmem_max=4194304 | sudo tee /etc/sysctl.d/90-phusong.conf && sudo sysctl --system"
        );
        assert_eq!(buffers(Some(8 << 20), 7).remedy.expect("a remedy").of(Lang::Vi), "xem máy bận vì đâu: top");
    }

    #[test]
    fn a_daemon_without_the_right_is_a_fault_with_one_command() {
        let finding = of_the_daemon(IcmpMode::None, &Starter::Service);
        assert_eq!(finding.verdict, Verdict::Fault);
        assert_eq!(
            finding.remedy.expect("a remedy").of(Lang::En),
            "sudo setcap cap_net_raw+ep $(command -v phusongd) && sudo systemctl restart phusongd"
        );
        assert_eq!(of_the_daemon(IcmpMode::Datagram, &Starter::Service).verdict, Verdict::Ok);
    }
}
