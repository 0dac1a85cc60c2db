//! CSV in whatever letters, separators and coordinates.

use phusong_model::{DatasetKind, GridPower, ImportOptions, SiteKind, Technology};
use unicode_normalization::UnicodeNormalization;

use crate::world::{accepting, read, settlements, told};

const PLAIN: &str = "id,name,commune,lon,lat\ns1,Nà Khá,02221,105.34808,22.62924\n";

#[test]
fn titles_and_names_are_known_in_any_spelling() {
    let expected = ["s1 02221 105.3481 22.6292"];
    let semicolons = "MÃ THÔN;Tên thôn;XÃ;KINH ĐỘ;VĨ ĐỘ\ns1;Nà Khá;Nà Hang;105,34808;22,62924\n";
    let bare = "ma thon\tten thon\tten xa\tkinh do\tvi do\ns1\tNa Kha\tna hang\t105,34808\t22,62924\n";
    let former = "Mã;Tên;Đơn vị hành chính;Tọa độ\r\ns1;Nà Khá;xã Năng Khả;105,34808/22,62924\r\n";
    let turned = "Vĩ độ,Kinh độ,Xã,Tên thôn,Mã thôn\n\"22,62924\",\"105,34808\",Nà Hang,Nà Khá,s1\n";
    let decomposed: String = semicolons.nfd().collect();
    let wide: Vec<u8> = [0xfeff].into_iter().chain(bare.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", semicolons.as_bytes()].concat();
    // T and ê, n; d with stroke is 0xf0 there, capital 0xd0; the acute 0xec stands behind its vowel.
    let old = b"M\xc3;T\xean th\xf4n;X\xc3;lon;lat\ns1;N\xe0 Kha\xec;N\xe0 Hang;105,34808;22,62924\n".to_vec();
    for bytes in [
        PLAIN.into(),
        semicolons.into(),
        bare.into(),
        former.into(),
        turned.into(),
        decomposed.into_bytes(),
        wide,
        marked,
        old,
    ] {
        let bytes: Vec<u8> = bytes;
        let (settlements, log) = settlements(&bytes, &ImportOptions::default());
        assert_eq!(told(&settlements), expected, "{}", String::from_utf8_lossy(&bytes));
        assert!(settlements[0].name == "Nà Khá" || settlements[0].name == "Na Kha");
        assert_eq!((log.read, log.used, log.guesses.len()), (1, 1, 0));
    }
}

#[test]
fn positions_that_are_written_wrongly_are_proposed_and_taken_only_when_they_may_be() {
    for (rows, reason, crs) in [
        ("s1,Nà Khá,02221,22.62924,105.34808", "swapped", None),
        ("s1,Nà Khá,02221,10534808,2262924", "point-lost", None),
        ("s1,Thôn 1,00691,417483.759,2450382.337", "other-zone", Some("EPSG:9211")),
        ("s1,Thôn 1,00691,417483.759,2450382.337", "metres-for-degrees", None),
    ] {
        let text = format!("id,name,commune,lon,lat\n{rows}\n");
        let options = ImportOptions { crs: crs.map(str::to_owned), ..ImportOptions::default() };
        let faults = read(DatasetKind::Settlements, &text, &options).expect_err(reason);
        assert_eq!((faults.len(), faults[0].line), (1, Some(2)), "{faults:?}");
        assert!(
            faults[0].message.contains(reason) && faults[0].hint.contains("--accept-guesses takes it"),
            "{faults:?}"
        );
        let (settlements, log) = settlements(&text, &ImportOptions { crs: options.crs, ..accepting() });
        assert_eq!((settlements.len(), log.guesses.len()), (1, 1));
        let guess = &log.guesses[0];
        assert_eq!((guess.place.as_str(), guess.subject.as_str()), ("line 2", "s1"));
        assert!(guess.reason.starts_with(reason) && faults[0].hint.contains(&guess.taken), "{guess:?} {faults:?}");
    }
}

#[test]
fn metres_are_read_in_their_zone_whichever_of_them_is_called_x() {
    let options = ImportOptions { crs: Some("EPSG:9209".to_owned()), ..ImportOptions::default() };
    for text in [
        "Tên thôn;Xã;X (m);Y (m)\nThôn 1;Tân Quang;2450382,337;417483,759\n",
        "Tên thôn;Xã;X (m);Y (m)\nThôn 1;Tân Quang;417483.759;2450382.337\n",
        "Tên thôn;Xã;Easting;Northing\nThôn 1;Tân Quang;417483.759;2450382.337\n",
    ] {
        let (settlements, log) = settlements(text, &options);
        assert_eq!(told(&settlements), ["00691-thon1 00691 104.7019 22.1490"], "{text}");
        assert!(log.guesses.is_empty());
    }
}

#[test]
fn clusters_belong_to_their_settlement_wherever_they_stand() {
    let text = "id,name,commune,lon,lat,people,households,power,cluster\n\
                s1,,,105.36,22.63,,7,,Khu trên\n\
                s1,Nà Khá,02221,105.35,22.63,300,60,có,\n\
                s1,,,105.34,22.63,,,,Khu dưới\n";
    let (settlements, log) = settlements(text, &ImportOptions::default());
    assert_eq!((settlements.len(), log.read, log.used), (1, 3, 3));
    assert_eq!(settlements[0].power, GridPower::Yes);
    let clusters: Vec<_> = settlements[0].clusters.iter().map(|c| (c.at.lon, c.households)).collect();
    assert_eq!(clusters, [(105.36, Some(7)), (105.34, None)]);
}

#[test]
fn sites_are_base_stations_of_their_operator() {
    let text = "Mã trạm;Tên trạm;Nhà mạng;Xã;Kinh độ;Vĩ độ\nTQ001;Trạm Nà Hang;Viettel;Nà Hang;105,35;22,63\n\
                TQ002;;;02548;105,5;22,6\n";
    let options = ImportOptions { operator: Some("vinaphone".parse().expect("id")), ..ImportOptions::default() };
    let (geodata, log) = read(DatasetKind::Sites, text, &options).expect("sites");
    let sites = geodata.content().sites.as_deref().expect("sites");
    let told: Vec<String> = sites
        .iter()
        .map(|site| format!("{} {} {}", site.id, site.name, site.operator.as_ref().map_or("", |o| o.as_str())))
        .collect();
    assert_eq!(told, ["TQ001 Trạm Nà Hang viettel", "TQ002 TQ002 vinaphone"]);
    assert!(sites.iter().all(|site| site.kind == SiteKind::Bts && site.at.is_some() && site.commune.is_some()));
    assert_eq!((log.read, log.used), (2, 2));
}

#[test]
fn cells_come_with_titles_and_without() {
    let titles = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\r\n";
    let rows = "LTE,452,4,1,10,,105.35,22.63,1000,5,1,1,2,0\r\nGSM,452,1,1,11,,105.35,22.63,,,,,,\r\n\
                UMTS,460,1,1,12,,105.35,22.63,1,1,1,1,1,0\r\nCDMA,452,2,1,13,,105.35,22.63,1,1,1,1,1,0\r\n\
                LTE,452,7,1,14,,105.35,22.63,1,1,1,1,1,0\r\nLTE,452,5,1,15,,0,0,1,1,1,1,1,0\r\n";
    for text in [format!("{titles}{rows}"), rows.to_owned()] {
        let (geodata, log) = read(DatasetKind::Cells, &text, &ImportOptions::default()).expect("cells");
        let told: Vec<_> =
            geodata.cells().iter().map(|c| (c.technology, c.operator.as_str(), c.cell, c.range_m)).collect();
        assert_eq!(
            told,
            [(Technology::G4, "viettel", 10, Some(1000)), (Technology::G2, "mobifone", 11, None)],
            "empty fields are absent"
        );
        assert_eq!((log.read, log.used, log.notes.len()), (6, 2, 4), "{:?}", log.notes);
    }
}

#[test]
fn totals_of_people_are_kept_by_commune() {
    let text = "TT;Tên xã;Dân số\n1;Nà Hang;12.345\n2;Bình Ca;999\n;Cộng xã Bình Ca;999\n;Toàn tỉnh;13.344\n";
    let (geodata, log) = read(DatasetKind::Totals, text, &ImportOptions::default()).expect("totals");
    let told: Vec<String> =
        geodata.content().totals.iter().flatten().map(|(code, people)| format!("{code} {people}")).collect();
    assert_eq!(told, ["02221 12345", "02548 999"]);
    assert_eq!((log.read, log.used, log.notes.len()), (2, 2, 2));
}

#[test]
fn a_list_counts_by_what_it_puts_into_the_inventory() {
    let hash = |text: &str, options: &ImportOptions| {
        read(DatasetKind::Settlements, text, options).expect("sound").0.input_hash().to_owned()
    };
    let plain = hash(PLAIN, &ImportOptions::default());
    assert_eq!(plain, hash(PLAIN, &accepting()), "nothing had to be guessed");
    assert_ne!(plain, hash(&PLAIN.replace("105.34808", "105.34809"), &ImportOptions::default()));
}

#[test]
fn a_guess_may_lie_just_outside_of_its_commune_as_any_position_may() {
    // Thirty metres west of the border, the two columns exchanged in the second row.
    let text = "id,name,commune,lon,lat\na,A,02221,105.2997,22.60\nb,B,02221,22.60,105.2997\n";
    let told = read(DatasetKind::Settlements, text, &ImportOptions::default()).expect_err("a guess is no answer");
    assert!(told.len() == 1 && told[0].hint.contains("--accept-guesses"), "{told:?}");
    let options = ImportOptions { accept_guesses: true, ..ImportOptions::default() };
    let (geodata, log) = read(DatasetKind::Settlements, text, &options).expect("taken");
    let places: Vec<_> = geodata.content().settlements.iter().flatten().map(|settlement| settlement.at).collect();
    assert!(places.len() == 2 && places[0] == places[1], "{places:?}");
    assert_eq!((log.guesses.len(), log.guesses[0].subject.as_str()), (1, "b"));
}
