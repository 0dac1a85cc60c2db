//! Coordinates that others computed.

use phusong_model::LonLat;
use proptest::prelude::*;

use super::Crs;

/// Code, easting or longitude, northing or latitude, then longitude and latitude in WGS 84.
///
/// Two places for each system of VN-2000, one in its zone and one up to three degrees outside of it, computed with
/// pyproj 3.7.2 (PROJ 9.5.1, EPSG dataset v11.022): the conversion of each code, then the operation "VN-2000 to
/// WGS 84 (2)", which was also written out as a pipeline of `cart` and `helmert` in the coordinate frame convention.
const PLACES: [(u32, f64, f64, f64, f64); 42] = [
    (4756, 106.216_919, 18.693_812, 106.218_773_156_54, 18.692_813_234_16),
    (4756, 101.980_345, 17.935_888, 101.982_197_027_39, 17.934_927_462_81),
    (3405, 751_749.241_864, 2_377_444.110_574, 107.431_557_875_04, 21.480_954_038_52),
    (3405, 62_853.737_506, 1_607_024.244_030, 100.947_859_800_30, 14.500_135_128_20),
    (3406, 220_689.085_484, 1_137_055.070_765, 108.451_826_591_26, 10.275_129_434_66),
    (3406, 1_134_860.780_920, 1_682_482.388_419, 116.901_838_546_52, 15.139_916_306_99),
    (5896, 405_244.562_574, 1_454_718.332_576, 101.127_767_286_06, 13.152_583_635_47),
    (5896, 846_535.152_878, 1_084_239.614_643, 105.159_266_242_74, 9.789_853_264_86),
    (5897, 505_566.040_171, 2_325_574.953_875, 105.055_433_371_72, 21.023_677_898_90),
    (5897, 783_624.190_574, 1_881_842.110_834, 107.664_764_178_63, 16.997_131_813_78),
    (5898, 347_001.582_219, 1_085_919.509_593, 106.607_072_004_17, 9.816_856_535_23),
    (5898, 184_997.351_552, 2_200_173.182_449, 104.995_024_314_50, 19.865_472_335_49),
    (5899, 436_377.700_312, 1_354_866.518_859, 107.166_984_342_58, 12.250_722_694_75),
    (5899, 30_849.473_766, 1_376_467.703_145, 103.440_428_063_10, 12.412_304_927_20),
    (9205, 417_034.998_900, 2_324_987.733_373, 102.203_766_620_73, 21.016_541_720_05),
    (9205, 227_286.943_369, 2_257_043.415_551, 100.389_854_456_62, 20.385_101_628_36),
    (9206, 538_355.203_464, 1_392_346.945_393, 104.354_821_150_83, 12.589_970_191_73),
    (9206, 897_874.588_062, 1_674_437.395_273, 107.701_281_689_42, 15.109_807_111_30),
    (9207, 389_750.847_972, 1_988_885.270_013, 103.460_891_547_03, 17.979_085_447_76),
    (9207, 803_375.890_334, 1_603_891.170_722, 107.315_270_709_11, 14.485_610_252_57),
    (9208, 567_945.203_520, 1_129_645.422_950, 105.371_965_177_52, 10.214_508_593_19),
    (9208, 21_573.015_037, 1_897_309.358_378, 100.259_838_092_59, 17.104_472_989_40),
    (9209, 448_971.862_710, 1_121_842.472_071, 105.036_118_441_76, 10.144_217_372_02),
    (9209, 119_113.571_358, 1_655_947.612_502, 101.962_846_615_66, 14.945_582_107_60),
    (9210, 653_663.705_267, 2_322_695.343_330, 107.229_783_281_45, 20.991_236_544_78),
    (9210, 58_057.006_213, 1_419_165.566_617, 101.683_925_767_50, 12.801_202_273_92),
    (9211, 597_088.837_798, 2_253_968.643_105, 106.931_931_581_33, 20.374_346_620_73),
    (9211, 970_998.219_964, 1_813_877.772_582, 110.406_886_620_49, 16.354_185_586_99),
    (9212, 586_671.933_820, 1_019_066.722_846, 107.040_531_594_55, 9.214_371_178_18),
    (9212, 206_086.520_789, 1_685_932.271_679, 103.516_733_051_35, 15.227_368_594_99),
    (9213, 445_166.655_267, 1_050_102.823_389, 106.002_361_835_08, 9.495_518_564_46),
    (9213, 207_644.421_120, 1_357_130.870_621, 103.815_276_577_36, 12.258_673_992_82),
    (9214, 368_694.926_089, 2_028_214.974_285, 105.759_606_392_63, 18.333_186_538_84),
    (9214, 900_157.484_052, 2_240_504.692_127, 110.829_141_440_26, 20.213_392_405_63),
    (9215, 401_924.790_733, 1_780_411.506_722, 106.335_029_612_36, 16.095_945_526_02),
    (9215, 210_036.218_549, 2_467_610.327_638, 104.438_776_029_16, 22.282_203_282_75),
    (9216, 575_893.910_013, 2_416_443.529_277, 108.236_106_717_18, 21.842_787_096_33),
    (9216, 958_049.867_792, 1_628_246.175_087, 111.751_555_866_12, 14.683_592_680_31),
    (9217, 371_423.567_557, 1_092_648.197_484, 107.079_447_990_15, 9.878_525_015_42),
    (9217, 184_391.644_418, 1_306_008.874_524, 105.356_725_913_04, 11.794_905_923_35),
    (9218, 436_475.414_886, 1_849_820.205_240, 107.906_084_689_73, 16.724_311_093_67),
    (9218, 91_769.398_309, 1_676_493.926_588, 104.705_883_510_44, 15.126_783_522_16),
];

/// Old Tuyên Quang, 105.2° E 22.15° N in VN-2000, to the millimetre in EPSG:9211.
const EASTING_9211: f64 = 417_483.759;
const NORTHING_9211: f64 = 2_450_382.337;
const WGS84_9211: LonLat = LonLat { lon: 105.201_898_80, lat: 22.149_026_62 };

/// How far two near places are from each other in metres, to a part in a hundred.
pub(super) fn metres_apart(a: LonLat, b: LonLat) -> f64 {
    let narrowing = a.lat.to_radians().cos();
    ((a.lon - b.lon) * narrowing * 111_320.0).hypot((a.lat - b.lat) * 110_700.0)
}

#[test]
fn every_system_is_where_proj_has_it() {
    for (code, x, y, lon, lat) in PLACES {
        let crs = Crs::of_epsg(code).expect("known");
        let (there, expected) = (crs.to_wgs84(x, y).expect("in use"), LonLat { lon, lat });
        let error = metres_apart(there, expected);
        assert!(error < 1e-5, "EPSG:{code}: {error} m");
        let (back_x, back_y) = crs.from_wgs84(expected).expect("in use");
        let degree = if crs.is_geographic() { 111_320.0 } else { 1.0 };
        let error = (back_x - x).hypot(back_y - y) * degree;
        assert!(error < 1e-5, "EPSG:{code} back: {error} m");
    }
}

#[test]
fn the_table_has_two_places_of_every_system() {
    for crs in Crs::known().filter(|crs| *crs != Crs::WGS84) {
        assert_eq!(PLACES.iter().filter(|place| place.0 == crs.epsg()).count(), 2, "EPSG:{}", crs.epsg());
    }
}

#[test]
fn a_place_of_old_tuyen_quang_is_found_to_the_millimetre() {
    let zone = Crs::of_epsg(9211).expect("known");
    let there = zone.to_wgs84(EASTING_9211, NORTHING_9211).expect("in use");
    assert!(metres_apart(there, WGS84_9211) < 1e-3);
    let degrees = Crs::of_epsg(4756).expect("known").from_wgs84(there).expect("in use");
    assert!(metres_apart(LonLat { lon: degrees.0, lat: degrees.1 }, LonLat { lon: 105.2, lat: 22.15 }) < 1e-3);
}

#[test]
fn the_zone_of_old_ha_giang_is_not_that_of_old_tuyen_quang() {
    let read_as = |code| Crs::of_epsg(code).expect("known").to_wgs84(EASTING_9211, NORTHING_9211).expect("in use");
    assert!(metres_apart(read_as(9211), WGS84_9211) < 1e-3);
    let apart = metres_apart(read_as(9209), read_as(9211));
    assert!((apart - 51_577.0).abs() < 600.0, "{apart} m");
}

#[test]
fn nothing_is_placed_where_a_system_is_not_used() {
    let zone = Crs::of_epsg(9211).expect("known");
    for (x, y) in [
        (f64::NAN, NORTHING_9211),
        (EASTING_9211, f64::INFINITY),
        // The two swapped, degrees instead of metres, kilometres, a digit too many.
        (NORTHING_9211, EASTING_9211),
        (105.2, 22.15),
        (417.5, 2450.4),
        (EASTING_9211, 10.0 * NORTHING_9211),
        // Eleven degrees from the meridian.
        (1_670_000.0, NORTHING_9211),
    ] {
        assert_eq!(zone.to_wgs84(x, y), None, "{x} {y}");
    }
    for code in [4326, 4756] {
        let degrees = Crs::of_epsg(code).expect("known");
        assert_eq!(degrees.to_wgs84(EASTING_9211, NORTHING_9211), None, "EPSG:{code}");
        assert_eq!(degrees.from_wgs84(LonLat { lon: f64::NAN, lat: 22.0 }), None, "EPSG:{code}");
    }
    for at in [LonLat { lon: 2.35, lat: 48.85 }, LonLat { lon: 106.0, lat: -22.0 }, LonLat { lon: 117.0, lat: 10.0 }] {
        assert_eq!(zone.from_wgs84(at), None, "{at:?}");
    }
}

#[test]
fn the_islands_are_within_reach() {
    // Hoàng Sa in the zone of Đà Nẵng, Trường Sa in that of Khánh Hòa.
    for (code, lon, lat) in [(5899, 112.33, 16.53), (9217, 117.5, 10.9), (3406, 117.5, 7.0)] {
        let crs = Crs::of_epsg(code).expect("known");
        let at = LonLat { lon, lat };
        let (x, y) = crs.from_wgs84(at).expect("in use");
        assert!(metres_apart(crs.to_wgs84(x, y).expect("in use"), at) < 1e-5);
    }
}

proptest! {
    #[test]
    fn every_system_leads_back_to_the_place(
        index in 0_usize..Crs::known().count(), lon in 102.5..111.0_f64, lat in 5.0..27.0_f64,
    ) {
        let crs = Crs::known().nth(index).expect("index");
        let at = LonLat { lon, lat };
        let there = crs.from_wgs84(at).and_then(|(x, y)| crs.to_wgs84(x, y));
        prop_assert!(there.is_some_and(|there| metres_apart(there, at) < 1e-5), "EPSG:{} {:?}", crs.epsg(), there);
    }
}
