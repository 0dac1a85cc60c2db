//! The inventory as people save it from spreadsheets: read in all its forms, and each way to be wrong with its place.

mod wrong;

use std::{fmt::Write, fs, path::Path};

use proptest::prelude::*;

use super::read::FORMS;
use crate::{
    CommuneKind, Faults, GridPower, Inventory, LonLat, Millis, Reported, UtcMs, Window,
    config::{Config, InventoryConfig},
    glossary::told,
};

const COMMUNES: &str = "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n";
const LINKS: &str = "id,kind,commune,address\nfibre-1,fibre,02221,10.0.0.1\n";

/// Reads an inventory of these files; `communes.csv` and `links.csv` are there anyway.
fn read(files: &[(&str, &[u8])]) -> Result<Inventory, Faults> {
    let folder = tempfile::tempdir().expect("folder");
    for (name, content) in [("communes.csv", COMMUNES.as_bytes()), ("links.csv", LINKS.as_bytes())].iter().chain(files)
    {
        fs::write(folder.path().join(name), content).expect("write");
    }
    told(Inventory::read(&config(folder.path())))
}

fn config(folder: &Path) -> Config {
    let credential = toml::from_str("name = \"routers\"\nversion = \"2c\"\n").expect("credential");
    let mut config = Config {
        inventory: InventoryConfig { folder: folder.to_owned(), ..InventoryConfig::default() },
        ..Config::default()
    };
    config.snmp.credential = vec![credential];
    config
}

/// Faults as `file:line:column: message` and their hints.
fn faults(files: &[(&str, &[u8])]) -> Vec<(String, String)> {
    let faults = read(files).err().unwrap_or_default().0;
    let place = |n: Option<u64>| n.map(|n| format!(":{n}")).unwrap_or_default();
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    faults
        .into_iter()
        .map(|f| (format!("{}{}{}: {}", name(&f.file), place(f.line), place(f.column), f.message), f.hint))
        .collect()
}

#[test]
fn a_whole_inventory_is_read() {
    let inventory = read(&[
        ("sites.csv", b"id,kind,name,commune,operator,lon,lat,backhaul,reported_state,reported_at\nb1,bts,,02221,Viettel,105.4,22.4,fibre-1|l2,down,2026-11-22T14:05:00+07:00\n"),
        ("links.csv", b"id,kind,commune,site,address,device,ifname,upstream,groups,phone,service\nfibre-1,Fibre,02221,,10.0.0.1,,,l2,\"g1 g2\",0207 3,\nl2,feeder,,b1,,d1, ether 1 ,,,,\nv6,Video Conference,,,2001:db8::1,,,,,,\nportal,platform,,,,,,,,,https://portal.vn/#status=401\n"),
        ("devices.csv", b"id,address,credential,port\nd1,10.0.0.9,routers,1161\nd2,10.0.0.8,routers,\n"),
        ("settlements.csv", "id,name,commune,lon,lat,people,power\ns1,Bản A,02221,105.4,22.4,120,Có\ns2,Bản B,02221,105.4,22.4,,không\n".as_bytes()),
        ("declared.csv", b"indicator,value_percent,base,date,document\ncommunes-fibre,\"98,6\",communes,2026-06-30,no. 1\n"),
        ("maintenance.csv", "link;from;to;why\nfibre-1;2026-11-22T14:05:00+07:00;2026-11-22T15:05:00+07:00;Thay măng xông\nfibre-1;2026-11-22T00:00Z;2026-12-23T00:00Z;x\n".as_bytes()),
    ])
    .unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(inventory.communes.len(), 2);
    let [fibre, feeder, video, portal] = &inventory.links[..] else { panic!("{:?}", inventory.links) };
    assert_eq!(fibre.upstream.first(), Some(&crate::Carrier::Link(feeder.id.clone())));
    assert_eq!((fibre.groups.len(), fibre.contact.phone.as_deref()), (2, Some("0207 3")));
    assert_eq!(feeder.interface.as_ref().map(|(d, i)| (d.as_str(), i.as_str())), Some(("d1", "ether 1")));
    assert_eq!((video.kind.id(), video.name.as_str()), ("video-conference", "v6"));
    assert_eq!(portal.service.as_ref().map(ToString::to_string).as_deref(), Some("https://portal.vn/#status=401"));
    let site = &inventory.sites[0];
    assert_eq!(site.operator.as_ref().map(|o| o.label()), Some("Viettel"));
    assert_eq!((site.name.as_str(), site.backhaul.len(), site.at), ("b1", 2, Some(LonLat { lon: 105.4, lat: 22.4 })));
    assert_eq!(site.reported, Some(Reported { up: false, at: UtcMs(1_795_331_100_000) }));
    assert_eq!(inventory.devices.iter().map(|d| d.snmp.port).collect::<Vec<_>>(), [1161, 161]);
    assert_eq!(inventory.settlements.iter().map(|s| s.power).collect::<Vec<_>>(), [GridPower::Yes, GridPower::No]);
    assert_eq!(inventory.settlements[1].people, None);
    assert_eq!(inventory.declared[0].value_percent, 98.6);
    let [first, second] = &inventory.maintenance[..] else { panic!("{:?}", inventory.maintenance) };
    assert_eq!((&first.scope, first.why.as_str()), (&crate::Scope::Link(fibre.id.clone()), "Thay măng xông"));
    assert_eq!(first.window, Window::new(UtcMs(1_795_331_100_000), UtcMs(1_795_334_700_000)));
    assert_eq!(second.window.length(), Millis(31 * 86_400_000), "windows of a link may overlap");
}

#[test]
fn work_may_be_of_a_commune_or_a_group_and_come_again() {
    let table = "commune;group;from;to;why;repeats;until\n\
        02221;;2026-11-22T22:00:00+07:00;2026-11-23T04:00:00+07:00;x;Hang tuan;2027-01-01T00:00:00+07:00\n\
        ;vc;2026-11-22T22:00:00+07:00;2026-11-23T04:00:00+07:00;x;;\n";
    let links = b"id,kind,commune,address,groups\nfibre-1,fibre,02221,10.0.0.1,vc\n";
    let files: [(&str, &[u8]); 2] = [("maintenance.csv", table.as_bytes()), ("links.csv", links)];
    let inventory = read(&files).unwrap_or_else(|faults| panic!("{faults}"));
    let [weekly, once] = &inventory.maintenance[..] else { panic!("{:?}", inventory.maintenance) };
    assert_eq!(weekly.scope, crate::Scope::Commune("02221".parse().expect("code")));
    assert_eq!(weekly.repeat.map(|repeat| (repeat.every.id(), repeat.until.is_some())), Some(("week", true)));
    assert_eq!((&once.scope, once.repeat), (&crate::Scope::Group("vc".parse().expect("id")), None));
}

#[test]
fn rows_that_name_a_cluster_belong_to_the_settlement_whose_id_they_repeat() {
    let table = "id,name,commune,lon,lat,people,households,power,cluster\n\
        s1,,,105.41,22.41,,30,,Khuổi Ba\ns1,Bản A,02221,105.4,22.4,120,40,,\ns2,Bản B,02221,105.4,22.4,,,,\n\
        s1,Bản A,02221,105.42,22.42,,,,Nà Lung\ns2,,,105.5,22.5,,4,,Nà Lung\n";
    let inventory = read(&[("settlements.csv", table.as_bytes())]).unwrap_or_else(|faults| panic!("{faults}"));
    let clusters = |place: usize| {
        let clusters = &inventory.settlements[place].clusters;
        clusters.iter().map(|cluster| (cluster.at.lon, cluster.households)).collect::<Vec<_>>()
    };
    assert_eq!(inventory.settlements.len(), 2, "clusters are no settlements");
    assert_eq!(clusters(0), [(105.41, Some(30)), (105.42, None)]);
    assert_eq!(clusters(1), [(105.5, Some(4))]);
    let mut stored = serde_json::to_value(&inventory).expect("JSON");
    let settlements = stored["settlements"].as_array_mut().expect("list");
    settlements
        .iter_mut()
        .for_each(|one| drop(one.as_object_mut().expect("object").remove("clusters").expect("field")));
    let old: Inventory = serde_json::from_value(stored).expect("stored before there were clusters");
    assert!(old.settlements.iter().all(|settlement| settlement.clusters.is_empty()));
}

#[test]
fn an_inventory_that_was_stored_without_maintenance_is_read_back() {
    let mut stored = serde_json::to_value(read(&[]).expect("read")).expect("JSON");
    stored.as_object_mut().and_then(|fields| fields.remove("maintenance")).expect("a field of its own");
    assert_eq!(serde_json::from_value::<Inventory>(stored).expect("old"), read(&[]).expect("read"));
}

#[test]
fn an_inventory_that_was_stored_without_services_is_read_back() {
    let mut stored = serde_json::to_value(read(&[]).expect("read")).expect("JSON");
    stored["links"][0].as_object_mut().and_then(|link| link.remove("service")).expect("a field of its own");
    assert_eq!(serde_json::from_value::<Inventory>(stored).expect("old"), read(&[]).expect("read"));
}

#[test]
fn every_way_a_spreadsheet_saves_the_same_table_reads_the_same() {
    let plain = "code,name,kind,label_lon,label_lat,population,aliases\n02548,Bình Ca,phường,,,,\n02221,Nà Hang,xã,105.4,22.4,1200,Năng Khả|Thanh Tương\n";
    let expected = read(&[("communes.csv", plain.as_bytes())]).expect("plain");
    assert_eq!(expected.communes[0].code.as_str(), "02221", "sorted by code");
    assert_eq!((expected.communes[1].kind, expected.communes[0].aliases.len()), (CommuneKind::Ward, 2));
    let semicolons = plain.replace(',', ";").replace("105.4", "105,4").replace("22.4", "22,4");
    let nfd: String = unicode_normalization::UnicodeNormalization::nfd(plain).collect();
    let shouted = plain.replace("code,name,kind", " Code ,NAME,\"Kind\"").replace("xã", "XA").replace("phường", "Ward");
    let trailing: String = semicolons.lines().flat_map(|line| [line, ";;;\r\n", ";;;;;;;;;;\r\n"]).collect();
    let reordered = "aliases;population;label_lat;label_lon;name;code;kind\r\n;;;;Bình Ca;02548;phường\r\nNăng Khả | Thanh Tương;1200;22,4;105,4;\"Nà\r\n Hang\";02221;xã";
    for (form, text) in [
        ("semicolons", semicolons.clone()),
        ("mark", format!("\u{feff}{semicolons}")),
        ("CRLF", plain.replace('\n', "\r\n")),
        ("CR", plain.replace('\n', "\r")),
        ("tabs", plain.replace(',', "\t")),
        ("sep", format!("\u{feff}sep=;\r\n{semicolons}")),
        ("quoted", plain.lines().map(|l| format!("\"{}\"\n", l.replace(',', "\",\""))).collect()),
        ("remarks", format!("# remark; with \"one quote\n\n\"# quoted, remark\",,\n{plain}# end")),
        ("NFD", nfd),
        ("shouted", shouted),
        ("trailing", trailing),
        ("reordered", reordered.to_owned()),
    ] {
        let read = read(&[("communes.csv", text.as_bytes())]).unwrap_or_else(|faults| panic!("{form}: {faults}"));
        assert_eq!(read.communes, expected.communes, "{form}");
    }
}

#[test]
fn all_faults_of_all_files_come_at_once_by_place() {
    let faults = faults(&[
        ("links.csv", b"id,kind,commune,address\na,fibre,02221,0.0.0.0\na,fibre,09999,10.0.0.1\nb,x,02221,y\n"),
        ("sites.csv", b"id,kind\ns,tower\n"),
        ("devices.csv", b"id,address,credential\nd,10.0.0.1,none\n"),
    ]);
    let places: Vec<&str> = faults.iter().filter_map(|(text, _)| text.split(": ").next()).collect();
    let expected =
        ["devices.csv:2:3", "links.csv:2:4", "links.csv:3:1", "links.csv:4:2", "links.csv:4:4", "sites.csv:2:2"];
    assert_eq!(places, expected, "{faults:#?}");
}

#[test]
fn a_row_with_a_fault_is_still_there_for_those_that_name_it() {
    let faults = faults(&[("communes.csv", "code,name,kind\n02221,Nà Hang,huyện\n".as_bytes())]);
    assert_eq!(faults.len(), 1, "the link to 02221 is not blamed: {faults:#?}");
    let lost = b"code,name,kind\n02221,\"A\" B,xa\n02548,B,xa\n";
    assert_eq!(self::faults(&[("communes.csv", lost)]).len(), 1, "rows were lost, so nothing can be missed");
}

#[test]
fn missing_and_undecodable_files_are_faults() {
    let folder = tempfile::tempdir().expect("folder");
    let missing = Inventory::read(&config(folder.path())).expect_err("nothing there").0;
    assert_eq!(missing.iter().filter(|f| f.message.contains("no such file")).count(), 2, "{missing:?}");
    let absent = Inventory::read(&config(&folder.path().join("x"))).expect_err("no folder").0;
    assert!(absent.len() == 1 && absent[0].hint.contains("phusongd init"));
    let wide: Vec<u8> = COMMUNES.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(faults(&[("communes.csv", &wide)])[0].1.contains("CSV UTF-8"));
    let long = format!("code,name,kind\n02221,{},xa\n", "x".repeat(5000));
    assert!(faults(&[("communes.csv", long.as_bytes())])[0].0.contains("a field has 5000 bytes"));
}

#[test]
fn thousands_of_faults_are_counted_and_come_at_once() {
    let mut links = "id,kind,commune,address,upstream\n".to_owned();
    for n in 0..50_000 {
        writeln!(links, "l{n},fibre,09999,10.0.0.1,m{n}").expect("text");
    }
    let started = std::time::Instant::now();
    let faults = faults(&[("links.csv", links.as_bytes())]);
    assert_eq!((faults.len(), faults.last().map(|f| f.0.as_str())), (201, Some("links.csv: and 99800 more")));
    // The goal for hostile files is 5 s.
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn the_same_names_in_any_spelling_are_one_name() {
    let inventory =
        read(&[("communes.csv", "code,name,kind\n02221,Na\u{300}  Hang ,xa\u{303}\n".as_bytes())]).expect("read");
    assert_eq!(inventory.communes[0].name, "Nà Hang");
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let header = "(id|kind|code|name|lon|lat|commune|address|upstream|date|\"|;|,|\t|\n|#|sep=){1,12}";
    let rows =
        "(02221|fibre-1|fibre|105\\.4|\"|\"\"|;|,|\n|\r|NaN|-|1e9|\\||::1|0/0|=HYPERLINK\\(|đ|\u{202e}|\u{0}){0,40}";
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        (header, rows).prop_map(|(header, rows)| format!("{header}\n{rows}").into_bytes()),
        rows.prop_map(|rows| format!("id,kind,commune,address,upstream\n{rows}").into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_bytes_stop_the_reader(contents in prop::collection::vec(hostile(), FORMS.len())) {
        let folder = tempfile::tempdir().expect("folder");
        for (form, content) in FORMS.iter().zip(&contents) {
            fs::write(folder.path().join(form.name), content).expect("write");
        }
        if let Err(faults) = Inventory::read(&config(folder.path())) {
            prop_assert!(!faults.0.is_empty());
            prop_assert!(faults.0.iter().all(|f| !f.message.is_empty() && !f.hint.is_empty() && f.line != Some(0)));
        }
    }
}
