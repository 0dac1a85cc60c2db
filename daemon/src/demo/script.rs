//! The scripted day. It lasts ten minutes and repeats; the first outage is there within half a minute. Pure: time in,
//! effects out.

use std::{net::IpAddr, time::Duration};

use super::province::{DemoCommune, Province};

/// How long a day of the demo lasts.
pub(super) const DAY: Duration = Duration::from_secs(600);

/// Lost share of a degraded link, in thousandths: enough to be degraded, too little to be down.
const DEGRADED_LOSS: u16 = 350;

/// What goes wrong, and when in the day, in seconds.
const ACTS: [(u64, u64, Scene); 6] = [
    (15, 100, Scene::SingleFibre),
    (60, 170, Scene::Feeder),
    (130, 240, Scene::Degraded),
    (200, 310, Scene::PowerCut),
    (350, 400, Scene::OwnUplink),
    (430, 540, Scene::SingleFibre),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    /// One commune's fibre is cut; its router stays reachable over broadband and says that the interface is down.
    SingleFibre,
    /// A feeder is cut: six communes lose their fibre, and one of them its broadband too, which runs in the same cable.
    Feeder,
    /// The power fails in one commune: both links, the router and the endpoint go silent.
    PowerCut,
    /// A broadband link loses a third of its packets.
    Degraded,
    /// The prober's own uplink fails: nothing can be seen, and nothing is down.
    OwnUplink,
}

/// Places in the example where the scenes play, by commune code.
const SINGLE_FIBRE: &str = "02221";
const POWER_CUT: &str = "00721";
const DEGRADED: &str = "02374";
const FEEDER: usize = 2;

/// What does not work at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Nothing answers, the anchors included.
    pub(super) uplink_lost: bool,
    /// Addresses whose replies are lost, in thousandths.
    pub(super) lossy: Vec<(IpAddr, u16)>,
    /// Routers without power.
    pub(super) silent_routers: Vec<IpAddr>,
    /// Routers whose fibre interface has lost its signal.
    pub(super) dark_fibre: Vec<IpAddr>,
}

/// What does not work when the demo has run for so long.
pub(super) fn effects(elapsed: Duration, province: &Province) -> Effects {
    let second = elapsed.as_secs() % DAY.as_secs();
    let mut effects = Effects::default();
    for (_, _, scene) in ACTS.iter().filter(|(from, to, _)| (*from..*to).contains(&second)) {
        play(*scene, province, &mut effects);
    }
    effects
}

fn play(scene: Scene, province: &Province, effects: &mut Effects) {
    let named = |code: &str| province.communes.iter().filter(move |c| c.code == code).collect::<Vec<&DemoCommune>>();
    match scene {
        Scene::SingleFibre => named(SINGLE_FIBRE).into_iter().for_each(|c| cut_fibre(c, effects)),
        Scene::Feeder => {
            effects.lossy.extend(province.feeders.get(FEEDER).map(|feeder| (feeder.address, 1000)));
            province.communes.iter().filter(|c| c.feeder == FEEDER).for_each(|c| cut_fibre(c, effects));
            let leased = province.communes.iter().filter(|c| c.feeder == FEEDER && c.leased);
            effects.lossy.extend(leased.map(|c| (c.broadband, 1000)));
        }
        Scene::PowerCut => {
            for commune in named(POWER_CUT) {
                let addresses = [Some(commune.fibre), Some(commune.broadband), commune.endpoint];
                effects.lossy.extend(addresses.into_iter().flatten().map(|address| (address, 1000)));
                effects.silent_routers.push(commune.router);
            }
            let at_the_hub = province.hub_endpoints.iter().filter(|(code, _)| code == POWER_CUT);
            effects.lossy.extend(at_the_hub.map(|(_, line)| (line.address, 1000)));
        }
        Scene::Degraded => effects.lossy.extend(named(DEGRADED).into_iter().map(|c| (c.broadband, DEGRADED_LOSS))),
        Scene::OwnUplink => effects.uplink_lost = true,
    }
}

/// The endpoint of a commune hangs on its fibre.
fn cut_fibre(commune: &DemoCommune, effects: &mut Effects) {
    effects.lossy.extend([Some(commune.fibre), commune.endpoint].into_iter().flatten().map(|address| (address, 1000)));
    effects.dark_fibre.push(commune.router);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Effects {
        effects(Duration::from_secs(second), &Province::example())
    }

    #[test]
    fn something_is_down_within_half_a_minute_and_all_is_well_in_between() {
        assert_eq!(at(0), Effects::default());
        assert!(!at(30).lossy.is_empty());
        assert_eq!(at(320), Effects::default());
        assert_eq!(at(30), at(630));
    }

    #[test]
    fn a_feeder_takes_six_communes_with_it() {
        assert_eq!(at(110).dark_fibre.len(), 6);
        assert!(at(110).lossy.len() >= 7, "the feeder itself, six fibres, and the endpoints behind them");
    }

    #[test]
    fn a_power_cut_silences_the_router_and_the_uplink_everything() {
        let power = at(250);
        assert_eq!((power.silent_routers.len(), power.dark_fibre.len()), (1, 0));
        let province = Province::example();
        let hub = province.hub_endpoints.iter().find(|(code, _)| code == POWER_CUT).expect("a hub");
        assert!(power.lossy.contains(&(hub.1.address, 1000)), "what is in the same house has no power either");
        assert!(at(360).uplink_lost);
    }
}
