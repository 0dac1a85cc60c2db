//! From a round of echoes to samples and looks. Pure: what cannot be believed becomes `Blind`, never `Lost`.

use std::net::IpAddr;

use phusong_gaps::{DeviceAnswer, DeviceLook, EchoSeen, IcmpLook, Look, SnmpLook};
use phusong_model::{
    BlindReason, EchoStats, IcmpError, IfReading, Link, LinkId, Micros, Millis, Outcome, Probe, RttSummary, Sample,
};
use phusong_probes::{
    icmp::{Echo, RoundReport},
    snmp::{Answer, DeviceReport},
};

/// Who is pinged in a round: the anchors first, then every link that has an address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Targets {
    anchors: usize,
    addresses: Vec<IpAddr>,
    links: Vec<LinkId>,
}

impl Targets {
    pub(crate) fn new(anchors: &[IpAddr], links: &[Link]) -> Self {
        let pinged: Vec<(&Link, IpAddr)> = links.iter().filter_map(|link| Some((link, link.address?))).collect();
        Self {
            anchors: anchors.len(),
            addresses: anchors.iter().copied().chain(pinged.iter().map(|(_, address)| *address)).collect(),
            links: pinged.iter().map(|(link, _)| link.id.clone()).collect(),
        }
    }

    /// All addresses, in the order in which a round reports them.
    pub(crate) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// The anchors, and the addresses of the links at these places of [`RoundEchoes::links`].
    pub(crate) fn again(&self, places: &[usize]) -> Vec<IpAddr> {
        let links = places.iter().filter_map(|place| self.addresses.get(self.anchors + place));
        self.addresses.iter().take(self.anchors).chain(links).copied().collect()
    }
}

/// Echoes of one round, split into anchors and links.
#[derive(Debug, Default)]
pub(crate) struct RoundEchoes {
    /// One list per anchor.
    pub(crate) anchors: Vec<Vec<Echo>>,
    /// One list per link that has an address, in the order of the inventory.
    pub(crate) links: Vec<(LinkId, Vec<Echo>)>,
    /// When each of a link's echoes was sent, after the instant of the tick; those of the re-probe stand at the end.
    pub(crate) sent: Vec<Millis>,
    /// What routers said of echoes to a link.
    pub(crate) errors: Vec<(LinkId, IcmpError)>,
}

/// When the echoes of a round are sent: the first so long after the instant of its tick, and from each to the next.
/// Targets follow one another within a spacing, so an echo may go out as much later.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beat {
    pub(crate) first: Millis,
    pub(crate) spacing: Millis,
}

impl Beat {
    pub(crate) fn times(self, echoes: usize) -> impl Iterator<Item = Millis> {
        (0..).take(echoes).map(move |echo: i64| self.first + Millis(self.spacing.0.saturating_mul(echo)))
    }
}

impl RoundEchoes {
    pub(crate) fn new(targets: &Targets, report: &RoundReport, beat: Beat) -> Self {
        let count = report.targets.iter().next().map_or(0, <[Echo]>::len);
        let mut echoes = report.targets.iter().map(<[Echo]>::to_vec);
        let anchors = echoes.by_ref().take(targets.anchors).collect();
        let errors = report.errors.iter().filter_map(|told| {
            let link = targets.links.get(told.target.checked_sub(targets.anchors)?)?;
            Some((link.clone(), told.error))
        });
        let links = targets.links.iter().cloned().zip(echoes).collect();
        Self { anchors, links, sent: beat.times(count).collect(), errors: errors.collect() }
    }

    /// Whether no anchor answered although we sent: then it is our own uplink. What our kernel refused to send in the
    /// same round is a part of the same failure.
    pub(crate) fn anchors_lost(&self) -> bool {
        let any = |seen: fn(&Echo) -> bool| self.anchors.iter().flatten().any(seen);
        any(|echo| matches!(echo, Echo::Lost)) && !any(|echo| matches!(echo, Echo::Reply(_)))
    }

    /// Adds the echoes of a re-probe to those of the links it asked for, by place in `links`. Those of the anchors take
    /// the place of the ones before: our uplink may have failed in the midst of the round, between two links.
    pub(crate) fn join(&mut self, places: &[usize], report: &RoundReport, beat: Beat) {
        self.sent.extend(beat.times(report.targets.iter().next().map_or(0, <[Echo]>::len)));
        let mut echoes = report.targets.iter().map(<[Echo]>::to_vec);
        self.anchors = echoes.by_ref().take(self.anchors.len()).collect();
        for (place, again) in places.iter().zip(echoes) {
            if let Some((_, echoes)) = self.links.get_mut(*place) {
                echoes.extend(again);
            }
        }
    }
}

/// What the echoes of one link say, which were sent at these times.
pub(crate) fn icmp_look(echoes: &[Echo], sent: &[Millis]) -> IcmpLook {
    let seen: Vec<EchoSeen> = echoes
        .iter()
        .enumerate()
        .filter_map(|(place, echo)| {
            let after = sent.get(place).or(sent.last()).copied().unwrap_or_default();
            match echo {
                Echo::Reply(rtt) => Some(EchoSeen { after, rtt: Some(*rtt) }),
                Echo::Lost => Some(EchoSeen { after, rtt: None }),
                Echo::NotSent(_) => None,
            }
        })
        .collect();
    let refused = echoes.iter().find_map(|echo| match echo {
        Echo::NotSent(reason) => Some(*reason),
        Echo::Reply(_) | Echo::Lost => None,
    });
    let any_reply = seen.iter().any(|echo| echo.rtt.is_some());
    match refused {
        Some(reason) if !any_reply => IcmpLook::Blind(reason),
        _ => IcmpLook::Echoes(seen),
    }
}

/// The row that is kept of one link's echoes.
pub(crate) fn icmp_sample(link: &LinkId, look: &IcmpLook) -> Sample {
    let outcome = match look {
        IcmpLook::Blind(reason) => Outcome::Blind(*reason),
        // Echoes that were made are due.
        IcmpLook::NotDue => Outcome::Blind(BlindReason::NotYetProbed),
        IcmpLook::Echoes(seen) => {
            let rtts: Vec<Micros> = seen.iter().filter_map(|echo| echo.rtt).collect();
            Outcome::Measured(stats(seen.len(), rtts.len(), RttSummary::of(&rtts)))
        }
    };
    Sample { link: link.clone(), probe: Probe::Icmp, outcome }
}

fn stats(sent: usize, received: usize, rtt: Option<RttSummary>) -> EchoStats {
    let sent = u16::try_from(sent).unwrap_or(u16::MAX);
    EchoStats { sent, lost: sent.saturating_sub(u16::try_from(received).unwrap_or(u16::MAX)), rtt }
}

/// What a poll of a device says of the links that end at it: a look and a row for each.
pub(crate) fn snmp_looks(report: &DeviceReport, links: &[&Link]) -> Vec<(LinkId, Option<SnmpLook>, Sample)> {
    let rtt = report.rtt.and_then(|rtt| RttSummary::of(&[rtt]));
    let outcome = match report.answer {
        Answer::NotSent(_) => Outcome::Blind(BlindReason::SendError),
        Answer::Answered { .. } | Answer::Silent | Answer::Refused(_) => {
            Outcome::Measured(EchoStats { sent: report.sent, lost: report.lost, rtt })
        }
    };
    links
        .iter()
        .map(|link| {
            let look = match &report.answer {
                Answer::Answered { readings, .. } => oper_of(readings, link),
                Answer::Silent => Some(SnmpLook::Unanswered),
                // A device that refuses our credentials is there; it only tells us nothing.
                Answer::Refused(_) | Answer::NotSent(_) => None,
            };
            (link.id.clone(), look, Sample { link: link.id.clone(), probe: Probe::Snmp, outcome })
        })
        .collect()
}

/// What a poll of a device says of the device. A poll that we could not send says nothing, and neither does one that the
/// device refused: it is there, and tells us nothing.
pub(crate) fn device_look(report: &DeviceReport) -> Option<DeviceLook> {
    let (answer, readings) = match &report.answer {
        Answer::Answered { system, readings, .. } => {
            (DeviceAnswer::Answered { uptime: system.uptime }, readings.clone())
        }
        Answer::Silent => (DeviceAnswer::Silent, Vec::new()),
        Answer::Refused(_) | Answer::NotSent(_) => return None,
    };
    Some(DeviceLook { device: report.device.clone(), answer, readings, sensors: report.sensors.clone() })
}

/// A report that was under way during a reload may tell of an interface that the link had before it.
fn oper_of(readings: &[IfReading], link: &Link) -> Option<SnmpLook> {
    let (_, ifname) = link.interface.as_ref()?;
    let reading = readings.iter().find(|r| r.link.as_ref() == Some(&link.id) && r.ifname == *ifname)?;
    Some(SnmpLook::Interface(reading.oper))
}

/// One look per link of the inventory, in its order.
pub(crate) fn assemble(
    links: &[Link],
    mut icmp: std::collections::HashMap<LinkId, IcmpLook>,
    mut snmp: std::collections::HashMap<LinkId, SnmpLook>,
) -> Vec<Look> {
    links
        .iter()
        .map(|link| Look { link: link.id.clone(), icmp: icmp.remove(&link.id), snmp: snmp.remove(&link.id) })
        .collect()
}

#[cfg(test)]
mod tests {
    use phusong_model::IcmpErrorKind;
    use phusong_probes::icmp::{Counters, EchoError, Echoes};

    use super::*;

    const RTT: Echo = Echo::Reply(Micros(900));
    const SENT: [Millis; 3] = [Millis(0), Millis(200), Millis(400)];
    const REFUSED: Echo = Echo::NotSent(BlindReason::SendError);

    #[test]
    fn what_we_could_not_send_is_blind_and_not_lost() {
        assert_eq!(icmp_look(&[REFUSED, REFUSED], &SENT), IcmpLook::Blind(BlindReason::SendError));
        assert_eq!(icmp_look(&[REFUSED, Echo::Lost], &SENT), IcmpLook::Blind(BlindReason::SendError));
        let seen = |after, rtt| EchoSeen { after: Millis(after), rtt };
        let echoes = vec![seen(200, Some(Micros(900))), seen(400, None)];
        assert_eq!(icmp_look(&[REFUSED, RTT, Echo::Lost], &SENT), IcmpLook::Echoes(echoes));
    }

    #[test]
    fn a_loss_beside_replies_that_our_kernel_may_have_dropped_proves_nothing() {
        const DROPPED: Echo = Echo::NotSent(BlindReason::ReceiveDrops);
        assert_eq!(icmp_look(&[Echo::Lost, DROPPED], &SENT), IcmpLook::Blind(BlindReason::ReceiveDrops));
        let IcmpLook::Echoes(seen) = icmp_look(&[RTT, DROPPED, Echo::Lost], &SENT) else { panic!() };
        assert_eq!(seen.iter().map(|echo| echo.rtt.is_some()).collect::<Vec<_>>(), [true, false]);
    }

    fn report(lists: &[Vec<Echo>]) -> RoundReport {
        let mut targets = Echoes::all(lists.len(), lists.first().map_or(0, Vec::len), REFUSED);
        for (target, echoes) in lists.iter().enumerate() {
            echoes.iter().enumerate().for_each(|(echo, became)| targets.set(target, echo, *became));
        }
        RoundReport { targets, errors: Vec::new(), counters: Counters::default() }
    }

    #[test]
    fn without_a_word_from_any_anchor_it_is_our_own_uplink() {
        let lost = |anchors: &[&[Echo]]| {
            let anchors = anchors.iter().map(|echoes| echoes.to_vec()).collect();
            RoundEchoes { anchors, ..RoundEchoes::default() }.anchors_lost()
        };
        assert!(lost(&[&[Echo::Lost, Echo::Lost], &[Echo::Lost, REFUSED]]), "refused sends do not hide the loss");
        assert!(!lost(&[&[Echo::Lost, Echo::Lost], &[Echo::Lost, RTT]]));
        assert!(!lost(&[]) && !lost(&[&[REFUSED]]), "nothing was asked");
    }

    #[test]
    fn an_uplink_that_fails_within_the_round_is_noticed_by_the_reprobe() {
        let mut targets = Targets { anchors: 1, addresses: vec![[127, 0, 0, 1].into()], links: Vec::new() };
        for (number, name) in (2..).zip(["a", "b"]) {
            targets.addresses.push([127, 0, 0, number].into());
            targets.links.push(name.parse().expect("id"));
        }
        assert_eq!(targets.again(&[1]), [[127, 0, 0, 1].into(), IpAddr::from([127, 0, 0, 3])]);
        let (before, after) = (vec![RTT, Echo::Lost], vec![Echo::Lost, Echo::Lost]);
        let mut round = RoundEchoes::new(&targets, &report(&[before.clone(), before, after.clone()]), Beat::default());
        assert!(!round.anchors_lost());
        let beat = Beat { first: Millis(1_200), spacing: Millis(100) };
        round.join(&[1], &report(&[after.clone(), after]), beat);
        assert_eq!(round.sent, [0, 0, 1_200, 1_300].map(Millis));
        assert!(round.anchors_lost());
        assert_eq!(round.links.iter().map(|(_, echoes)| echoes.len()).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn what_a_router_says_is_about_the_link_it_names() {
        let targets = Targets {
            anchors: 1,
            addresses: vec![[127, 0, 0, 1].into(), [127, 0, 0, 2].into()],
            links: vec!["a".parse().expect("id")],
        };
        let error = IcmpError { kind: IcmpErrorKind::Unreachable, code: 1, router: [10, 0, 0, 1].into() };
        let told = |target| EchoError { target, error, echoes: 1, confirmed: true };
        let report = RoundReport { errors: vec![told(0), told(1)], ..report(&[vec![RTT], vec![Echo::Lost]]) };
        assert_eq!(RoundEchoes::new(&targets, &report, Beat::default()).errors, [("a".parse().expect("id"), error)]);
    }

    #[test]
    fn a_sample_counts_what_was_really_sent() {
        let link: LinkId = "fibre-02221".parse().expect("id");
        let echoes = [RTT, Echo::Lost, REFUSED];
        let sample = icmp_sample(&link, &icmp_look(&echoes, &SENT));
        assert!(matches!(sample.outcome, Outcome::Measured(EchoStats { sent: 2, lost: 1, rtt: Some(_) })));
    }
}
