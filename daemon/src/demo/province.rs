//! The example province: real names, codes and areas of 124 communes, and an invented network on loopback addresses.

use std::net::{IpAddr, Ipv4Addr};

use phusong_model::LonLat;

/// Facts of the 124 communes of Tuyên Quang: code, name, kind, published area, label point, former units.
pub(super) const COMMUNES_CSV: &str = include_str!("communes.csv");

/// Communes that one example feeder carries.
const COMMUNES_A_FEEDER: usize = 6;

/// Of so many communes in a row, which one has its broadband in a leased pair of the same feeder.
const COMMUNES_A_LEASE: usize = 12;
const LEASED: usize = 5;

/// Video-conference endpoints of the province's own offices.
const PROVINCE_ENDPOINTS: usize = 21;

/// Video-conference endpoints in communes.
const COMMUNE_ENDPOINTS: usize = 56;

/// Communes whose centres were district capitals until July 2025 and carry the ten hubs.
const HUBS: [&str; 10] = ["02221", "02287", "02374", "02473", "02536", "00721", "00769", "00820", "00913", "01153"];

/// Shared platforms that every office depends on.
const PLATFORMS: [(&str, &str); 4] = [
    ("dich-vu-cong", "Cổng dịch vụ công"),
    ("van-ban", "Trục liên thông văn bản"),
    ("hoi-nghi", "Cầu truyền hình hội nghị"),
    ("du-lieu", "Nền tảng chia sẻ dữ liệu"),
];

/// The platform on which the endpoints meet.
pub(super) const BRIDGE: &str = "platform-hoi-nghi";

/// A commune of the example.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DemoCommune {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) label: LonLat,
    pub(super) router: IpAddr,
    pub(super) fibre: IpAddr,
    pub(super) broadband: IpAddr,
    pub(super) feeder: usize,
    pub(super) hub: bool,
    /// Its broadband runs in a leased pair of the feeder that carries its fibre: two paths that are one.
    pub(super) leased: bool,
    /// The video-conference endpoint, where there is one.
    pub(super) endpoint: Option<IpAddr>,
}

/// A link that belongs to no commune.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DemoLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: IpAddr,
}

/// Everything that has an address.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Province {
    pub(super) communes: Vec<DemoCommune>,
    pub(super) feeders: Vec<DemoLine>,
    pub(super) hub_endpoints: Vec<(String, DemoLine)>,
    pub(super) province_endpoints: Vec<DemoLine>,
    pub(super) platforms: Vec<DemoLine>,
    pub(super) anchors: [IpAddr; 2],
}

/// Hands out addresses of 127.77.0.0/16, all of which answer ping by themselves.
struct Addresses(u16);

impl Addresses {
    fn next(&mut self) -> IpAddr {
        self.0 += 1;
        let [high, low] = self.0.to_be_bytes();
        Ipv4Addr::new(127, 77, high, low).into()
    }
}

impl Province {
    /// The example, the same at every start.
    pub(super) fn example() -> Self {
        let mut addresses = Addresses(0);
        let anchors = [addresses.next(), addresses.next()];
        let mut communes: Vec<DemoCommune> =
            COMMUNES_CSV.lines().skip(1).filter_map(|row| commune(row, &mut addresses)).collect();
        for (place, commune) in communes.iter_mut().enumerate() {
            commune.feeder = place / COMMUNES_A_FEEDER;
            commune.leased = place % COMMUNES_A_LEASE == LEASED;
        }
        let feeders = (0..communes.len().div_ceil(COMMUNES_A_FEEDER))
            .map(|n| line(format!("feeder-{:02}", n + 1), format!("Tuyến trục {}", n + 1), &mut addresses))
            .collect();
        let hub_endpoints = communes
            .iter()
            .filter(|c| c.hub)
            .map(|c| {
                (
                    c.code.clone(),
                    line(format!("vc-hub-{}", c.code), format!("Điểm cầu khu vực {}", c.name), &mut addresses),
                )
            })
            .collect();
        for commune in communes.iter_mut().filter(|c| !c.hub).take(COMMUNE_ENDPOINTS) {
            commune.endpoint = Some(addresses.next());
        }
        let province_endpoints = (1..=PROVINCE_ENDPOINTS)
            .map(|n| line(format!("vc-tinh-{n:02}"), format!("Điểm cầu tỉnh {n}"), &mut addresses))
            .collect();
        let platforms = PLATFORMS
            .iter()
            .map(|(id, name)| line(format!("platform-{id}"), (*name).to_owned(), &mut addresses))
            .collect();
        Self { communes, feeders, hub_endpoints, province_endpoints, platforms, anchors }
    }

    /// Every address that is pinged, the anchors included, and those of the routers.
    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let lines = self.feeders.iter().chain(&self.province_endpoints).chain(&self.platforms).map(|line| line.address);
        let hubs = self.hub_endpoints.iter().map(|(_, line)| line.address);
        let communes =
            self.communes.iter().flat_map(|c| [Some(c.router), Some(c.fibre), Some(c.broadband), c.endpoint]);
        self.anchors.into_iter().chain(lines).chain(hubs).chain(communes.flatten())
    }
}

fn line(id: String, name: String, addresses: &mut Addresses) -> DemoLine {
    DemoLine { id, name, address: addresses.next() }
}

/// A row of our own table; it has no quoted fields.
fn commune(row: &str, addresses: &mut Addresses) -> Option<DemoCommune> {
    let mut fields = row.split(',');
    let (code, name) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let mut after_area = fields.skip(2);
    let label = LonLat { lon: after_area.next()?.parse().ok()?, lat: after_area.next()?.parse().ok()? };
    let hub = HUBS.contains(&code.as_str());
    let (router, fibre, broadband) = (addresses.next(), addresses.next(), addresses.next());
    Some(DemoCommune { code, name, label, router, fibre, broadband, feeder: 0, hub, leased: false, endpoint: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_the_size_of_the_province() {
        let province = Province::example();
        assert_eq!(province.communes.len(), 124);
        assert_eq!(province.feeders.len(), 21);
        let in_communes = province.communes.iter().filter(|c| c.endpoint.is_some()).count();
        assert_eq!((province.province_endpoints.len(), province.hub_endpoints.len(), in_communes), (21, 10, 56));
        assert_eq!(province.platforms.len(), 4);
    }

    #[test]
    fn no_address_is_given_twice() {
        let province = Province::example();
        let mut all: Vec<IpAddr> = province.addresses().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
