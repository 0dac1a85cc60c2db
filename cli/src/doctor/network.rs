//! Whether the prober can see: its anchors, how much of the last hour it was blind, and the devices that SNMP asks.

use std::net::IpAddr;

use phusong_model::{
    BlindReason, IcmpMode, Millis,
    answer::{Body, StateCounts},
    glossary::{self, Lang, Term as _},
};

use super::{
    finding::{Finding, Part, Said},
    scene::{Answered, Scene},
};

/// A network always has some links that cannot be looked at; with more than this something is wrong on our side.
const BLIND_MOST: f64 = 0.05;

/// After a start links are blind until they have been probed often enough, which is most of a window that has just begun.
const SETTLED: Millis = Millis::from_secs(600);

/// Anchors, and the share of time without sight.
pub fn look_at_eyes(scene: &Scene) -> Vec<Finding> {
    let (site, answered, health) = match scene.health(Part::Eyes) {
        Ok(known) => known,
        Err(unknown) => return unknown,
    };
    let anchors = &site.config.icmp.anchors;
    if let Some(reason) = health.prober.last_tick.and_then(|tick| tick.blind) {
        return vec![shut(reason, anchors.first().copied())];
    }
    if sees_nothing(answered) {
        let reason = match health.prober.icmp {
            IcmpMode::None => BlindReason::NoPermission,
            IcmpMode::Raw | IcmpMode::Datagram => BlindReason::NoEvidence,
        };
        return vec![shut(reason, None)];
    }
    let share = answered.answer.blind_share;
    let blind = Said::by(|lang| glossary::percent(lang, share));
    if share > BLIND_MOST && scene.now.since(health.prober.started) > SETTLED {
        let fact = Said::new(
            format!("trong một giờ qua không đo được {} thời gian", blind.of(Lang::Vi)),
            format!("blind for {} of the last hour", blind.of(Lang::En)),
        );
        return vec![Finding::warning(Part::Eyes, fact, Said::same("phusong availability --since 1h --by link"))];
    }
    if anchors.is_empty() {
        let fact = (
            "chưa khai báo điểm mốc: khi đường ra của máy giám sát mất, mọi tuyến đều hiện là mất",
            "no anchors: when our own uplink is lost, every link will look as if it were down",
        );
        let remedy = Said::new(
            format!("khai báo cổng mạng gần nhất: [icmp] anchors trong {}", scene.path.display()),
            format!("name the nearest gateways: [icmp] anchors in {}", scene.path.display()),
        );
        return vec![Finding::warning(Part::Eyes, Said::words(fact), remedy)];
    }
    let count = anchors.len();
    let fact = Said::new(
        format!(
            "điểm mốc: {count}, ít nhất một điểm trả lời; trong một giờ qua không đo được {} thời gian",
            blind.of(Lang::Vi)
        ),
        format!("anchors: {count}, at least one answers; blind for {} of the last hour", blind.of(Lang::En)),
    );
    vec![Finding::ok(Part::Eyes, fact)]
}

/// Whether every link there is could not be looked at.
fn sees_nothing(answered: &Answered) -> bool {
    let Body::Status(body) = &answered.answer.body else { return false };
    let sum = |of: fn(StateCounts) -> u64| body.kinds.iter().map(|kind| of(kind.counts)).sum::<u64>();
    let (all, blind) = (sum(StateCounts::total), sum(|counts| counts.blind));
    all > 0 && blind == all
}

/// Nothing of the newest tick can be believed.
fn shut(reason: BlindReason, anchor: Option<IpAddr>) -> Finding {
    let remedy = match (reason, anchor) {
        (BlindReason::Anchors, Some(anchor)) => Said::same(format!("phusong ping {anchor}")),
        (BlindReason::Anchors | BlindReason::SendError | BlindReason::Resolver, _) => {
            Said::same("ip -brief address; ip route")
        }
        (BlindReason::LateTick, _) => Said::words(("xem máy bận vì đâu: top", "see what keeps this machine busy: top")),
        (BlindReason::NoPermission, _) => {
            Said::words(("như ở mục quyền ping của phusongd", "as for the right to ping of phusongd"))
        }
        (BlindReason::ReceiveDrops, _) => Said::words(("như ở mục bộ đệm nhận", "as for the receive buffers")),
        (BlindReason::NotRunning | BlindReason::NoEvidence | BlindReason::NotYetProbed, _) => {
            Said::same("phusong links")
        }
    };
    let fact = Said::by(|lang| {
        let reason = reason.term(lang);
        lang.pick(format!("vòng đo cuối không đo được gì: {reason}"), format!("the last tick saw nothing: {reason}"))
    });
    Finding::fault(Part::Eyes, fact, remedy)
}

/// How many devices answer.
pub fn look_at_snmp(scene: &Scene) -> Vec<Finding> {
    let (_, answered, health) = match scene.health(Part::Snmp) {
        Ok(known) => known,
        Err(unknown) => return unknown,
    };
    let (all, silent) = (health.prober.snmp_devices, health.prober.snmp_silent);
    let fact = Said::by(|lang| {
        let [answering, all] = [all.saturating_sub(silent), all].map(|count| glossary::integer(lang, count));
        lang.pick(format!("{answering}/{all} thiết bị trả lời"), format!("{answering}/{all} devices answer"))
    });
    let dark = if let Body::Status(body) = &answered.answer.body { body.open_outages > 0 } else { false };
    vec![match (all, silent) {
        (0, _) => {
            Finding::ok(Part::Snmp, Said::words(("danh mục không có thiết bị nào", "the inventory has no devices")))
        }
        (_, 0) => Finding::ok(Part::Snmp, fact),
        // Behind links that are down devices are silent, and it is not SNMP that is to be mended.
        (_, _) if dark => Finding::warning(Part::Snmp, fact, Said::same("phusong outages")),
        (all, silent) if silent < all => {
            let remedy =
                ("xem tuyến nào thiếu số liệu cổng: phusong links", "see which links tell no interface: phusong links");
            Finding::warning(Part::Snmp, fact, Said::words(remedy))
        }
        (_, _) => {
            let remedy = Said::new(
                format!("xem lại [[snmp.credential]] trong {}, và quyền truy cập trên thiết bị", scene.path.display()),
                format!("check [[snmp.credential]] in {}, and whom the devices answer", scene.path.display()),
            );
            Finding::fault(Part::Snmp, fact, remedy)
        }
    }]
}
