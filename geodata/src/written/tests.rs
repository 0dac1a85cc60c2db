//! Coordinates as they were found, and places written wrongly on purpose.

use phusong_model::CommuneCode;
use proptest::prelude::*;

use super::{
    guess::metres_apart,
    mistakes::{crs, finds, mistakes},
    *,
};

fn assert_near(found: f64, expected: f64, text: &str) {
    assert!((found - expected).abs() < 1e-9, "{text}: {found} against {expected}");
}

#[test]
fn one_coordinate_is_read_in_every_form() {
    let (lat, lon) = (22.0 + 37.0 / 60.0 + 45.3 / 3600.0, 105.0 + 20.0 / 60.0 + 53.088 / 3600.0);
    for (text, axis, code, expected) in [
        ("22.62924", Axis::Y, 4326, 22.62924),
        ("22,62924", Axis::Y, 4326, 22.62924),
        ("105,348", Axis::X, 4326, 105.348),
        ("22°37'45.3\"N", Axis::Y, 4326, lat),
        ("22 37 45.3", Axis::Y, 4326, lat),
        ("22d37m45.3s", Axis::Y, 4326, lat),
        ("N22°37'45,3\"", Axis::Y, 4326, lat),
        ("22°37′45,3″ B", Axis::Y, 4326, lat),
        ("22 độ 37 phút 45,3 giây Bắc", Axis::Y, 4756, lat),
        ("22.37.45,3", Axis::Y, 4756, lat),
        ("105°20'53.088\"Đ", Axis::X, 4326, lon),
        ("kinh độ Đông: 105°20'53,088''", Axis::X, 4326, lon),
        // The same in decomposed letters.
        ("105°20'53,088\" Đo\u{302}ng", Axis::X, 4326, lon),
        ("417483.759", Axis::X, 9211, 417_483.759),
        ("417.483,759 m", Axis::X, 9211, 417_483.759),
        ("417 483,759", Axis::X, 9211, 417_483.759),
        ("417\u{a0}483,759", Axis::X, 9211, 417_483.759),
        ("417.483", Axis::X, 9211, 417_483.0),
        ("N 2,450,382.337", Axis::Y, 9211, 2_450_382.337),
        // Not in Vietnam, and not for this to judge.
        ("-105.3", Axis::X, 4326, -105.3),
        ("62.5", Axis::Y, 4326, 62.5),
    ] {
        let found = coordinate(text, axis, crs(code)).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_near(found, expected, text);
    }
}

#[test]
fn what_is_not_certain_is_refused_with_the_reason() {
    for (text, axis, code, why) in [
        ("  ", Axis::X, 4326, "no coordinate is written"),
        ("chưa đo", Axis::X, 4326, "\"chưa đo\" is not a coordinate"),
        ("\x1b[2J", Axis::X, 4326, "\"\\u{1b}[2J\" is not a coordinate"),
        ("105°20'53\"E", Axis::Y, 4326, "its letters name the other axis where latitude or northing is due"),
        ("105,34808", Axis::Y, 4326, "larger than 90 degrees, the most that a latitude or northing has"),
        ("10534808", Axis::X, 4326, "larger than 180 degrees"),
        ("22°37'45\"", Axis::Y, 9211, "degrees where the coordinate system has metres"),
        ("99.999.999", Axis::X, 9211, "larger than 21000000 metres"),
        ("9.999", Axis::X, 9211, "it may mean 9999 or 9.999"),
        ("22°67'45\"", Axis::Y, 4326, "is not a coordinate"),
    ] {
        let error = coordinate(text, axis, crs(code)).expect_err(text).to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert_eq!(coordinate(&"1".repeat(MAX_BYTES + 1), Axis::X, Crs::WGS84), Err(WrittenError::TooLong));
}

#[test]
fn pairs_are_parted_and_ordered() {
    let (lon, lat) = (105.34808, 22.62924);
    for text in [
        // A real official reply.
        "105,34808/22,62924",
        "22,62924/105,34808",
        "105.34808, 22.62924",
        "22.62924,105.34808",
        "105,34808 22,62924",
        "105,34808,22,62924",
        "105,34808; 22,62924",
        "(22.62924, 105.34808)",
        "22.62924N 105.34808E",
        "N 22.62924 E 105.34808",
        "KĐ: 105,34808; VĐ: 22,62924",
        "22°37'45.264\"N, 105°20'53.088\"E",
        "22°37'45,264\"B 105°20'53,088\"Đ",
        "22 37 45.264 105 20 53.088",
    ] {
        let (x, y) = pair(text, Crs::WGS84).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_near(x, lon, text);
        assert_near(y, lat, text);
    }
    for text in [
        "417483,759 2450382,337",
        "2.450.382,337/417.483,759",
        "417 483,759 2 450 382,337",
        "E 417483.759, N 2450382.337",
    ] {
        let (x, y) = pair(text, crs(9211)).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_near(x, 417_483.759, text);
        assert_near(y, 2_450_382.337, text);
    }
    for (text, code) in [
        ("", 4326),
        ("105,34808", 4326),
        ("105.3, 105.4", 4326),
        ("22.62924E, 105.34808N", 4326),
        ("105,34808/22,62924", 9211),
        ("417483,759 2450382,337", 4326),
        // Paris.
        ("48.85, 2.35", 4326),
    ] {
        assert!(pair(text, crs(code)).is_err(), "{text}");
    }
    // 105° and 20°22'30", or 105°20' and 22°30'.
    let error = pair("105 20 22 30", Crs::WGS84).expect_err("two places");
    assert_eq!(error.to_string(), "it may mean 105; 20.375 or 105.33333333333333; 22.5");
}

/// Communes as the squares of a grid, a tenth of a degree wide as real ones are.
fn square(at: LonLat) -> Option<CommuneCode> {
    let (column, row) = ((at.lon * 10.0).floor(), (at.lat * 10.0).floor());
    let in_country = (1020.0..1100.0).contains(&column) && (80.0..240.0).contains(&row);
    let number = (column - 1020.0) * 200.0 + row;
    in_country.then(|| format!("{number:05}").parse().expect("five digits"))
}

fn placed(x: &str, y: &str, crs: Crs, truth: LonLat) -> Placed {
    place(x, y, crs, &square(truth).expect("in the country"), square)
}

fn assert_guess(x: &str, y: &str, crs: Crs, reason: Reason, truth: LonLat) {
    let outcome = placed(x, y, crs, truth);
    let Placed::Guess(guess) = outcome else { panic!("{x} {y}: {outcome:?}") };
    assert_eq!(guess.reason, reason, "{x} {y}");
    assert!(metres_apart(guess.at, truth) < 1.0, "{x} {y}: {guess:?}");
}

const HERE: LonLat = LonLat { lon: 105.34808, lat: 22.62924 };

#[test]
fn the_mistakes_of_lists_are_named() {
    use Reason::*;
    for (x, y, code, reason) in [
        ("22,62924", "105,34808", 4326, Swapped),
        ("22°37'45.264\"", "105°20'53.088\"", 4326, Swapped),
        ("10534808", "2262924", 4326, PointLost),
        ("105.34808", "2262924", 4326, PointLost),
        ("10.534.808", "2.262.924", 4326, PointLost),
        ("105.208848", "22.377544", 4326, MinutesAsDecimals),
        ("1052053.088", "223745.264", 4326, SignsLost),
        ("-105.34808", "22.62924", 4326, Sign),
        ("105.34808 T", "22.62924", 4326, Sign),
    ] {
        assert_guess(x, y, crs(code), reason, HERE);
    }
    let (x, y) = crs(9211).from_wgs84(HERE).expect("in use");
    let (x, y) = (format!("{x:.3}"), format!("{y:.3}"));
    assert_guess(&x, &y, crs(9209), OtherZone(crs(9211)), HERE);
    assert_guess(&x, &y, Crs::WGS84, MetresForDegrees(crs(9211)), HERE);
    assert_guess(&y, &x, crs(9211), Swapped, HERE);
}

#[test]
fn a_shift_that_is_left_out_is_seen_across_a_border() {
    // 150 m inside the western border of its square; VN-2000 degrees lie 190 m farther west.
    let truth = LonLat { lon: 105.301_3, lat: 22.65 };
    let (x, y) = crs(4756).from_wgs84(truth).expect("in use");
    let outcome = placed(&x.to_string(), &y.to_string(), Crs::WGS84, truth);
    assert!(matches!(outcome, Placed::Border(_)), "{outcome:?}");
    let truth = LonLat { lon: 105.300_5, lat: 22.65 };
    let (x, y) = crs(4756).from_wgs84(truth).expect("in use");
    assert_guess(&x.to_string(), &y.to_string(), Crs::WGS84, Reason::OtherDatum, truth);
}

#[test]
fn a_place_near_the_border_is_left_where_it_is() {
    let declared = square(HERE).expect("code");
    for (lon, is_near) in [(105.2995, true), (105.2985, false)] {
        let outcome = place(&lon.to_string(), "22.65", Crs::WGS84, &declared, square);
        let expected = LonLat { lon, lat: 22.65 };
        assert_eq!(outcome == Placed::Border(expected), is_near, "{outcome:?}");
    }
}

#[test]
fn several_explanations_are_listed_and_none_is_taken() {
    // Degrees in a file of metres: WGS 84 and VN-2000 put them 224 m apart, both in the commune.
    let outcome = placed("105.34808", "22.62924", crs(9211), HERE);
    let Placed::Several(guesses) = outcome else { panic!("{outcome:?}") };
    let reasons: Vec<Reason> = guesses.iter().map(|guess| guess.reason).collect();
    assert_eq!(reasons, [Reason::DegreesForMetres(Crs::WGS84), Reason::DegreesForMetres(crs(4756))]);
    // 22.3745 is 22°37'45" and 22°37.45' alike, until the border lies between the two.
    let (x, y) = ("105.2053088", "22.3745264");
    let outcome = placed(x, y, Crs::WGS84, HERE);
    let Placed::Several(guesses) = outcome else { panic!("{outcome:?}") };
    let reasons: Vec<Reason> = guesses.iter().map(|guess| guess.reason).collect();
    assert_eq!(reasons, [Reason::SecondsAsDecimals, Reason::MinutesAsDecimals]);
    let declared = square(HERE).expect("code");
    let small = |at: LonLat| (metres_apart(at, HERE) < 300.0).then(|| declared.clone());
    let outcome = place(x, y, Crs::WGS84, &declared, small);
    assert!(matches!(outcome, Placed::Guess(Guess { reason: Reason::SecondsAsDecimals, .. })), "{outcome:?}");
}

#[test]
fn what_nothing_explains_says_where_it_is() {
    let declared = square(HERE).expect("code");
    let elsewhere = LonLat { lon: 105.7, lat: 21.1 };
    let outcome = place("105.75", "21.15", Crs::WGS84, &declared, square);
    let found = LonLat { lon: 105.75, lat: 21.15 };
    assert_eq!(
        outcome,
        Placed::Unexplained { written: Ok(found), commune: square(LonLat { lon: 105.75, ..elsewhere }) }
    );
    let outcome = place("chưa đo", "21.15", Crs::WGS84, &declared, square);
    assert!(matches!(outcome, Placed::Unexplained { written: Err(WrittenError::Unreadable(_)), commune: None }));
}

#[test]
fn ids_and_texts_differ() {
    let zone = crs(9211);
    let reasons = [
        Reason::Swapped,
        Reason::PointLost,
        Reason::SecondsAsDecimals,
        Reason::MinutesAsDecimals,
        Reason::SignsLost,
        Reason::DegreesForMetres(zone),
        Reason::MetresForDegrees(zone),
        Reason::OtherZone(zone),
        Reason::OtherDatum,
        Reason::Sign,
    ];
    for (index, reason) in reasons.iter().enumerate() {
        for other in reasons.iter().skip(index + 1) {
            assert_ne!((reason.id(), reason.to_string()), (other.id(), other.to_string()));
            assert!(reason.id() != other.id() && reason.to_string() != other.to_string());
        }
    }
}

proptest! {
    #[test]
    fn a_place_written_wrongly_is_found_again(lon in 103.0..108.0_f64, lat in 8.5..23.4_f64) {
        let truth = LonLat { lon, lat };
        for (x, y, declared, reason) in mistakes(truth) {
            let outcome = placed(&x, &y, declared, truth);
            prop_assert!(finds(&outcome, reason, truth), "{} {} in EPSG:{}: {:?}", x, y, declared.epsg(), outcome);
        }
    }

    #[test]
    fn a_place_written_rightly_is_where_it_is(lon in 103.0..108.0_f64, lat in 8.5..23.4_f64, index in 0_usize..22) {
        let truth = LonLat { lon, lat };
        let system = Crs::known().nth(index).expect("index");
        let (x, y) = system.from_wgs84(truth).expect("in use");
        let outcome = placed(&x.to_string(), &y.to_string(), system, truth);
        let is_there = matches!(outcome, Placed::Inside(at) | Placed::Border(at) if metres_apart(at, truth) < 1e-3);
        prop_assert!(is_there, "{outcome:?}");
    }

    #[test]
    fn no_text_stops_the_readers(text in "[0-9.,°'\"NEBĐdms/ -]{0,40}|\\PC{0,40}") {
        let _ = (pair(&text, Crs::WGS84), coordinate(&text, Axis::X, Crs::WGS84));
        let _ = place(&text, &text, Crs::WGS84, &"00001".parse().expect("code"), square);
    }
}
