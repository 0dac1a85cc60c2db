//! Places written wrongly on purpose, for the tests.

use phusong_model::LonLat;

use super::{Guess, Placed, Reason, guess::metres_apart};
use crate::crs::Crs;

pub(super) fn crs(code: u32) -> Crs {
    Crs::of_epsg(code).expect("known")
}

/// Whether the outcome holds the truth to a metre under a reason, and takes nothing else for it.
pub(super) fn finds(outcome: &Placed, reason: Reason, truth: LonLat) -> bool {
    let is_truth = |guess: &Guess| guess.reason == reason && metres_apart(guess.at, truth) < 1.0;
    match outcome {
        Placed::Guess(guess) => is_truth(guess),
        Placed::Several(guesses) => guesses.iter().any(is_truth),
        // Some mistakes may leave a place in its commune, where nobody can tell.
        Placed::Inside(at) | Placed::Border(at) => match reason {
            Reason::SecondsAsDecimals | Reason::MinutesAsDecimals => true,
            // 224 m, and 0.3 in 1000 of the northing between the scales of UTM and TM-3.
            Reason::OtherDatum | Reason::OtherZone(_) => metres_apart(*at, truth) < 800.0,
            Reason::Swapped
            | Reason::PointLost
            | Reason::SignsLost
            | Reason::DegreesForMetres(_)
            | Reason::MetresForDegrees(_)
            | Reason::Sign => false,
        },
        Placed::Unexplained { .. } => false,
    }
}

/// Degrees, minutes and seconds to a hundredth of a second, as digits.
fn parts(degrees: f64) -> (u32, u32, u32, u32) {
    let hundredths = (degrees * 360_000.0).round() as u32;
    (hundredths / 360_000, hundredths / 6000 % 60, hundredths / 100 % 60, hundredths % 100)
}

/// Every way to write a place wrongly: the cells, the system that the file declares, and the mistake.
pub(super) fn mistakes(truth: LonLat) -> Vec<(String, String, Crs, Reason)> {
    let cells = |x: f64, y: f64, decimals: usize| (format!("{x:.decimals$}"), format!("{y:.decimals$}"));
    let (x, y) = cells(truth.lon, truth.lat, 6);
    let mut all = vec![
        (y.clone(), x.clone(), Crs::WGS84, Reason::Swapped),
        (y.replace('.', ","), x.replace('.', ","), Crs::WGS84, Reason::Swapped),
        (x.replace('.', ""), y.replace('.', ""), Crs::WGS84, Reason::PointLost),
        (x.clone(), y.replace('.', ""), Crs::WGS84, Reason::PointLost),
        (format!("-{x}"), y.clone(), Crs::WGS84, Reason::Sign),
        (x.clone(), format!("{y} S"), Crs::WGS84, Reason::Sign),
        (x, y, crs(9211), Reason::DegreesForMetres(Crs::WGS84)),
    ];
    let ((d, m, s, h), (e, n, t, i)) = (parts(truth.lon), parts(truth.lat));
    let by = |x: String, y: String, reason| (x, y, Crs::WGS84, reason);
    all.push(by(format!("{d}.{m:02}{s:02}{h:02}"), format!("{e}.{n:02}{t:02}{i:02}"), Reason::SecondsAsDecimals));
    all.push(by(format!("{d}{m:02}{s:02}.{h:02}"), format!("{e}{n:02}{t:02},{i:02}"), Reason::SignsLost));
    let minutes = |degrees: f64| {
        let thousandths = (degrees * 600_000.0).round() as u32;
        format!("{}.{:02}{:04}", thousandths / 600_000, thousandths / 10_000 % 60, thousandths % 10_000)
    };
    all.push(by(minutes(truth.lon), minutes(truth.lat), Reason::MinutesAsDecimals));
    for (own, declared) in [(9211, 9209), (9209, 9211), (3405, 5897), (5897, 3405), (9207, 3405)] {
        let Some((x, y)) = crs(own).from_wgs84(truth) else { continue };
        let (x, y) = cells(x, y, 2);
        all.push((y.clone(), x.clone(), crs(own), Reason::Swapped));
        all.push((x.clone(), y.clone(), crs(declared), Reason::OtherZone(crs(own))));
        all.push((x.replace('.', ""), y.replace('.', ""), crs(own), Reason::PointLost));
        all.push(by(x, y, Reason::MetresForDegrees(crs(own))));
    }
    if let Some((x, y)) = crs(4756).from_wgs84(truth) {
        let (x, y) = cells(x, y, 7);
        all.push(by(x, y, Reason::OtherDatum));
    }
    all
}
