//! Each way to be wrong, with its place and its remedy.

use super::faults;

/// File, content, the fault it must give, and what its hint says.
const WRONG: [(&str, &str, &str, &str); 78] = [
    ("communes.csv", "", "communes.csv: there is no header", "code,name,kind"),
    ("communes.csv", "code,name,kind\n", "communes.csv: no communes yet", "add a row"),
    ("communes.csv", "02221,Nà Hang,xã\n", "communes.csv:1: the first row is not a header", "code,name,kind"),
    ("communes.csv", "code,nmae,kind\n1,2,3\n", "communes.csv:1:2: unknown column \"nmae\"", "did you mean \"name\"?"),
    ("communes.csv", "code,nmae,kind\n1,2,3\n", "communes.csv:1: column \"name\" is missing", "code,name,kind"),
    ("communes.csv", "code,name,kind,name\n", "communes.csv:1:4: column \"name\" stands here twice", "remove"),
    ("communes.csv", "code,name,kind\n691,A,xã\n", "communes.csv:2:1: a commune code has five digits", "is it 00691?"),
    (
        "communes.csv",
        "code,name,kind\n02221,A,xã\n\n02221,B,xã\n",
        "communes.csv:4:1: \"02221\" stands on line 2",
        "its own",
    ),
    ("communes.csv", "code,name,kind\n02221,,xã\n", "communes.csv:2:2: \"name\" is empty", "write"),
    ("communes.csv", "code,name,kind\n02221,A,huyện\n", "communes.csv:2:3: \"kind\" cannot be \"huyện\"", "xã, phường"),
    ("communes.csv", "code,name,kind\n02221,A,\n", "communes.csv:2:3: \"kind\" is empty", "choose one of: xã"),
    (
        "communes.csv",
        "code,name,kind,area_km2\n02221,A,xã,NaN\n",
        "communes.csv:2:4: \"area_km2\" is \"NaN\": this is not a number",
        "digits",
    ),
    (
        "communes.csv",
        "code,name,kind,area_km2\n02221,A,xã,25653\n",
        "communes.csv:2:4: \"area_km2\" is out of range",
        "5000",
    ),
    (
        "communes.csv",
        "code;name;kind;population\n02221;A;xã;12.345\n",
        "communes.csv:2:4: \"population\" is \"12.345\"",
        "digits only",
    ),
    (
        "communes.csv",
        "code,name,kind,label_lon,label_lat\n02221,A,xã,22.3,105.3\n",
        "communes.csv:2:4: 22.3, 105.3 does not lie",
        "swapped",
    ),
    (
        "communes.csv",
        "code,name,kind,label_lon,label_lat\n02221,A,xã,536000,2470000\n",
        "communes.csv:2:4: 536000, 2470000",
        "VN-2000",
    ),
    (
        "communes.csv",
        "code,name,kind,label_lon,label_lat\n02221,A,xã,105.3,48.1\n",
        "communes.csv:2:5: 105.3, 48.1",
        "8 to 23.5",
    ),
    (
        "communes.csv",
        "code,name,kind,label_lon,label_lat\n02221,A,xã,105.3,\n",
        "communes.csv:2:5: \"label_lat\" is empty",
        "both",
    ),
    (
        "communes.csv",
        "code,name,kind,label_lon,label_lat\n02221,A,xã,1e308,inf\n",
        "communes.csv:2:5: \"label_lat\" is \"inf\"",
        "digits",
    ),
    (
        "communes.csv",
        "code,name,kind\n02221,A\u{1b}[2J,xã\n",
        "communes.csv:2:2: an invisible character stands in a field: \\u{1b}",
        "anew",
    ),
    (
        "communes.csv",
        "code,name,kind\n02221,A\u{202e}B,xã\n",
        "communes.csv:2:2: an invisible character stands in a field: \\u{202e}",
        "anew",
    ),
    (
        "communes.csv",
        "code,name,kind\n02221,\"A,xã\n02222,B,xã\n",
        "communes.csv:2: a quote is opened here",
        "close it",
    ),
    (
        "communes.csv",
        "code,name,kind\n02221,\"A\" B,xã\n",
        "communes.csv:2: text follows a closing quote",
        "whole field",
    ),
    (
        "communes.csv",
        "code,name,kind\n02221,A,xã,x\n",
        "communes.csv:2:4: the row has more fields than the header's 3",
        "quotes",
    ),
    ("communes.csv", "code,name,kind\n02221,\"A\nB\",xã\n022,C,xã\n", "communes.csv:4:1: a commune code", "00022"),
    (
        "links.csv",
        "id,kind,service\na,platform,portal.vn\n",
        "links.csv:2:3: \"portal.vn\" is not a service",
        "https://host/path",
    ),
    (
        "links.csv",
        "id,kind,service\na,platform,https://portal.vn/#top\n",
        "links.csv:2:3: \"#top\" does not say which status",
        "#status=401",
    ),
    ("links.csv", "id,kind\n", "links.csv: no links yet", "add a row"),
    (
        "links.csv",
        "id,kind,address\nđường,platform,10.0.0.1\n",
        "links.csv:2:1: 'đ' cannot be part of an id",
        "correct",
    ),
    (
        "links.csv",
        "id,kind,address\na,fiber,10.0.0.1\n",
        "links.csv:2:2: \"kind\" cannot be \"fiber\"",
        "did you mean \"fibre\"?",
    ),
    (
        "links.csv",
        "id,kind,address\na,fibre,10.0.0.1\n",
        "links.csv:2: a fibre or broadband link serves a commune",
        "five-digit",
    ),
    (
        "links.csv",
        "id,kind,commune,address\na,fibre,02222,10.0.0.1\n",
        "links.csv:2:3: there is no \"02222\" among the communes",
        "did you mean \"02221\"?",
    ),
    ("links.csv", "id,kind,address\na,platform,\n", "links.csv:2:3: there is nothing to probe", "device and ifname"),
    (
        "links.csv",
        "id,kind,address\na,platform,10.0.0.0/24\n",
        "links.csv:2:3: \"10.0.0.0/24\" is not an address",
        "without the length",
    ),
    (
        "links.csv",
        "id,kind,address\na,platform,router.local\n",
        "links.csv:2:3: \"router.local\" is not an address",
        "not looked up",
    ),
    (
        "links.csv",
        "id,kind,address\na,platform,0.0.0.0\n",
        "links.csv:2:3: 0.0.0.0 is no address of a machine",
        "one machine",
    ),
    (
        "links.csv",
        "id,kind,address\na,platform,255.255.255.255\n",
        "links.csv:2:3: 255.255.255.255 is a broadcast",
        "one machine",
    ),
    ("links.csv", "id,kind,address\na,platform,239.1.1.1\n", "links.csv:2:3: 239.1.1.1 is a multicast", "one machine"),
    ("links.csv", "id,kind,address\na,platform,ff02::1\n", "links.csv:2:3: ff02::1 is a multicast", "one machine"),
    (
        "links.csv",
        "id,kind,address\na,platform,::ffff:10.0.0.1\n",
        "links.csv:2:3: ::ffff:10.0.0.1 is an IPv4",
        "one machine",
    ),
    (
        "links.csv",
        "id,kind,address,device\na,platform,10.0.0.1,d\n",
        "links.csv:2: a device is given without an interface",
        "ifName",
    ),
    (
        "links.csv",
        "id,kind,device,ifname\na,platform,,eth0\n",
        "links.csv:2:3: an interface is given without a device",
        "id",
    ),
    (
        "links.csv",
        "id,kind,device,ifname\na,platform,d,eth0\n",
        "links.csv:2:3: there is no \"d\" among the devices",
        "add it",
    ),
    (
        "links.csv",
        "id,kind,address,upstream\na,platform,10.0.0.1,a\n",
        "links.csv:2:4: links carry one another in a circle: a → a",
        "centre",
    ),
    (
        "links.csv",
        "id,kind,address,upstream\nx,platform,10.0.0.1,a\na,feeder,10.0.0.2,b\nb,feeder,10.0.0.3,c\nc,feeder,10.0.0.4,a\n",
        "links.csv:3:4: links carry one another in a circle: a → b → c → a",
        "centre",
    ),
    (
        "links.csv",
        "id,kind,address,upstream\na,platform,10.0.0.1,b|b\nb,feeder,10.0.0.2,\n",
        "links.csv:2:4: \"b\" stands here twice",
        "remove",
    ),
    (
        "links.csv",
        "id,kind,address,site\na,platform,10.0.0.1,s\n",
        "links.csv:2:4: there is no \"s\" among the sites",
        "add it",
    ),
    ("sites.csv", "id,kind,reported_state\na,bts,up\n", "sites.csv:2: a reported state has no time", "when"),
    (
        "sites.csv",
        "id,kind,reported_state,reported_at\na,bts,up,22/11/2026 14:05\n",
        "sites.csv:2:4: ",
        "2026-11-22T14:05:00+07:00",
    ),
    ("sites.csv", "id,kind,reported_state,reported_at\na,bts,up,2026-11-22T14:05:00\n", "sites.csv:2:4: ", "offset"),
    (
        "sites.csv",
        "id,kind,backhaul\na,bts,fibre-2\n",
        "sites.csv:2:3: there is no \"fibre-2\" among the links",
        "did you mean \"fibre-1\"?",
    ),
    (
        "devices.csv",
        "id,address,credential\na,10.0.0.1,router\n",
        "devices.csv:2:3: the configuration has no credential",
        "did you mean \"routers\"?",
    ),
    ("devices.csv", "id,address,credential,port\na,10.0.0.1,routers,0\n", "devices.csv:2:4: ", "1 to 65535"),
    ("devices.csv", "id,address,credential\na,,routers\n", "devices.csv:2:2: \"address\" is empty", "SNMP"),
    (
        "settlements.csv",
        "id,name,commune,lon,lat\ns,A,02221,,\n",
        "settlements.csv:2:4: a settlement has no position",
        "culture house",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,power\ns,A,02221,105,22,maybe\n",
        "settlements.csv:2:6: \"power\" cannot be",
        "yes, no, unknown",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,cluster\ns,A,02221,105,22,\nt,,,105,22,north\n",
        "settlements.csv:3:1: there is no settlement \"t\"",
        "repeats the id of its settlement",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,cluster\ns,,,105,22,north\ns,A,02221,105,22,\ns,,,105.1,22,north\n",
        "settlements.csv:4:6: \"s\" has a cluster \"north\" on line 2 already",
        "its own name",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,cluster\ns,A,02221,105,22,\ns,,02548,105,22,north\n",
        "settlements.csv:3:3: this cluster lies in 02548",
        "leave it empty here",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,cluster,people\ns,A,02221,105,22,,\ns,,,105,22,north,12\n",
        "settlements.csv:3:7: \"people\" is of a whole settlement",
        "row of the settlement",
    ),
    (
        "settlements.csv",
        "id,name,commune,lon,lat,cluster\ns,A,02221,105,22,\ns,,,,,north\n",
        "settlements.csv:3:4: a cluster of dwellings has no position",
        "middle",
    ),
    (
        "declared.csv",
        "indicator,value_percent,base,date,document\nfibre,100,c,2026-06-30,d\n",
        "declared.csv:2:1: \"indicator\" cannot be",
        "communes-fibre",
    ),
    (
        "declared.csv",
        "indicator,value_percent,base,date,document\nmobile-area,100.1,c,30/06/2026,d\n",
        "declared.csv:2:4: \"30/06/2026\" is not a date",
        "2026-06-30",
    ),
    (
        "declared.csv",
        "indicator,value_percent,numerator,denominator,base,date,document\nmobile-area,100,5,4,c,2026-06-30,d\n",
        "declared.csv:2:3: 5 of 4 is not a share",
        "at most",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-2,2026-11-22T22:00:00+07:00,2026-11-23T04:00:00+07:00,x\n",
        "maintenance.csv:2:1: there is no \"fibre-2\" among the links",
        "did you mean \"fibre-1\"?",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-1,2026-11-22T22:00:00,2026-11-23T04:00:00+07:00,x\n",
        "maintenance.csv:2:2: ",
        "offset, as 2026-11-22",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-1,2026-11-22T22:00:00+07:00,23/11/2026 04:00,x\n",
        "maintenance.csv:2:3: ",
        "offset, as 2026-11-22",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-1,2026-11-22T22:00:00+07:00,2026-11-22T15:00:00Z,x\n",
        "maintenance.csv:2:3: the window ends before it begins",
        "later time",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-1,2026-11-22T22:00:00+07:00,2026-12-23T22:00:01+07:00,x\n",
        "maintenance.csv:2:3: the window is longer than 31 days",
        "several rows",
    ),
    (
        "maintenance.csv",
        "link,from,to,why\nfibre-1,2026-11-22T22:00:00+07:00,2026-11-23T04:00:00+07:00,\n",
        "maintenance.csv:2:4: \"why\" is empty",
        "write",
    ),
    (
        "maintenance.csv",
        "link,from,to\n",
        "maintenance.csv:1: column \"why\" is missing",
        "link,commune,group,from,to,why",
    ),
    (
        "maintenance.csv",
        "from,to,why\n2026-11-22T22:00:00+07:00,2026-11-23T04:00:00+07:00,x\n",
        "maintenance.csv:2: nobody says which links",
        "a link, a commune or a group",
    ),
    (
        "maintenance.csv",
        "link,group,from,to,why\nfibre-1,vc,2026-11-22T22:00:00+07:00,2026-11-23T04:00:00+07:00,x\n",
        "maintenance.csv:2:1: link and group stand in one row",
        "a row for each other",
    ),
    (
        "maintenance.csv",
        "group,from,to,why\nvd,2026-11-22T22:00:00+07:00,2026-11-23T04:00:00+07:00,x\n",
        "maintenance.csv:2:1: no link is in a group \"vd\"",
        "column groups of links.csv",
    ),
    (
        "maintenance.csv",
        "link,from,to,why,repeats\nfibre-1,2026-11-22T22:00:00+07:00,2026-11-24T04:00:00+07:00,x,daily\n",
        "maintenance.csv:2:5: the work begins again before it ends",
        "less often",
    ),
    (
        "maintenance.csv",
        "link,from,to,why,until\nfibre-1,2026-11-22T22:00:00Z,2026-11-22T23:00:00Z,x,2027-01-01T00:00:00Z\n",
        "maintenance.csv:2:5: \"until\" stands here without \"repeats\"",
        "daily, weekly or monthly",
    ),
    (
        "maintenance.csv",
        "link,from,to,why,repeats\nfibre-1,2026-11-22T22:00:00Z,2026-11-22T23:00:00Z,x,yearly\n",
        "maintenance.csv:2:5: \"repeats\" cannot be \"yearly\"",
        "daily",
    ),
    ("device.csv", "id\n", "device.csv: this file is not read under this name", "rename it to devices.csv"),
];

#[test]
fn each_fault_has_its_place_and_its_remedy() {
    for (file, content, fault, hint) in WRONG {
        let faults = faults(&[(file, content.as_bytes())]);
        let found = faults.iter().find(|(text, _)| text.starts_with(fault));
        let (_, given) = found.unwrap_or_else(|| panic!("{fault}\n{faults:#?}"));
        assert!(given.contains(hint), "{fault}: {given}");
    }
}

#[test]
fn the_reason_of_a_maintenance_window_is_a_sentence() {
    let with = |why: &str| {
        let row = format!("link,from,to,why\nfibre-1,2026-11-22T22:00:00Z,2026-11-22T23:00:00Z,{why}\n");
        faults(&[("maintenance.csv", row.as_bytes())])
    };
    assert!(with(&"ă".repeat(200)).is_empty(), "characters are counted, not bytes");
    let faults = with(&"ă".repeat(201));
    assert!(
        faults.len() == 1 && faults[0].0.starts_with("maintenance.csv:2:4: \"why\" has more than 200"),
        "{faults:?}"
    );
}
