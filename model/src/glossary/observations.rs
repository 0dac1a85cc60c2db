//! What probes saw besides answers, in words. Text from devices is not made safe here: who prints it does.

use super::{Lang, Term, date_of, decimal, duration};
use crate::{IcmpError, IcmpErrorKind, ProfileGrade, Seen, SensorReading, SensorValue, UtcMs};

/// Decimals of a sensor's number that is not whole: what instruments of this kind resolve.
const SENSOR_DECIMALS: usize = 2;

impl Term for IcmpErrorKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unreachable => ("không tới được đích", "destination unreachable"),
            Self::PacketTooBig => ("gói quá lớn", "packet too big"),
            Self::TimeExceeded => ("gói hết thời gian sống (TTL)", "time exceeded"),
            Self::ParameterProblem => ("lỗi tham số gói", "parameter problem"),
        }
    }
}

impl Term for ProfileGrade {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Documented => ("theo tài liệu", "documented"),
            Self::Community => ("nguồn cộng đồng, cần kiểm tra", "community source, check it"),
        }
    }
}

/// What was seen, in one line.
#[must_use]
pub fn seen(lang: Lang, seen: &Seen, now: UtcMs) -> String {
    match seen {
        Seen::IcmpError(error) => icmp_error(lang, error),
        Seen::Certificate { not_after, trusted } => certificate(lang, *not_after, *trusted, now),
        Seen::HttpStatus(status) => format!("HTTP {status}"),
        Seen::Sensor(reading) => sensor(lang, reading),
    }
}

/// An ICMP error with the RFC's name, its code and the router that sent it.
#[must_use]
pub fn icmp_error(lang: Lang, error: &IcmpError) -> String {
    match lang {
        Lang::En => error.to_string(),
        Lang::Vi => {
            let kind = error.kind.term(lang);
            format!("{kind}: {}, mã {}, do {} báo", error.name(), error.code, error.router)
        }
    }
}

fn certificate(lang: Lang, not_after: UtcMs, trusted: bool, now: UtcMs) -> String {
    let day = date_of(lang, not_after);
    let left = not_after.since(now);
    let end = match (left.0 > 0, lang) {
        (true, Lang::Vi) => format!("chứng thư số hết hạn ngày {day}, còn {}", duration(lang, left)),
        (true, Lang::En) => format!("certificate until {day}, {} left", duration(lang, left)),
        (false, Lang::Vi) => format!("chứng thư số ĐÃ HẾT HẠN từ ngày {day}"),
        (false, Lang::En) => format!("certificate EXPIRED on {day}"),
    };
    let trust = match trusted {
        true => lang.of(("được tin cậy", "trusted")),
        false => lang.of(("KHÔNG được tin cậy", "NOT trusted")),
    };
    format!("{end}, {trust}")
}

fn sensor(lang: Lang, reading: &SensorReading) -> String {
    let row = reading.row.as_ref().map_or_else(String::new, |row| format!(" [{row}]"));
    let value = sensor_value(lang, &reading.value);
    let mark = match reading.grade {
        ProfileGrade::Documented => String::new(),
        ProfileGrade::Community => format!(" ({})", reading.grade.term(lang)),
    };
    format!("{}{row}: {value}{mark}", reading.sensor)
}

/// A value with its unit, or a state with its code.
#[must_use]
pub fn sensor_value(lang: Lang, value: &SensorValue) -> String {
    match value {
        SensorValue::Number { value, unit } => {
            let decimals = if value.fract() == 0.0 { 0 } else { SENSOR_DECIMALS };
            let gap = if unit.symbol().is_empty() { "" } else { " " };
            format!("{}{gap}{}", decimal(lang, *value, decimals), unit.symbol())
        }
        SensorValue::State { code, name: Some(name) } => format!("{name} ({code})"),
        SensorValue::State { code, name: None } => code.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        SensorUnit,
        glossary::Lang::{En, Vi},
    };

    fn at(text: &str) -> UtcMs {
        text.parse().expect("time")
    }

    #[test]
    fn what_a_router_says_names_it_and_its_code() {
        let error =
            IcmpError { kind: IcmpErrorKind::Unreachable, code: 1, router: "10.0.0.1".parse().expect("address") };
        assert_eq!(icmp_error(En, &error), "host unreachable (unreachable code 1) from 10.0.0.1");
        assert_eq!(icmp_error(Vi, &error), "không tới được đích: host unreachable, mã 1, do 10.0.0.1 báo");
    }

    #[test]
    fn a_certificate_tells_what_is_left_of_it() {
        let (end, now) = (at("2026-12-10T05:00:00Z"), at("2026-11-24T05:00:00Z"));
        assert_eq!(certificate(Vi, end, true, now), "chứng thư số hết hạn ngày 10/12/2026, còn 16 ngày, được tin cậy");
        assert_eq!(certificate(En, end, false, now), "certificate until 2026-12-10, 16 d left, NOT trusted");
        assert_eq!(certificate(En, now, true, end), "certificate EXPIRED on 2026-11-24, trusted");
    }

    #[test]
    fn a_sensor_has_its_unit_and_the_mark_of_its_profile() {
        let reading = |row: Option<&str>, value, grade| {
            Seen::Sensor(SensorReading { sensor: "onu-rx".to_owned(), row: row.map(str::to_owned), value, grade })
        };
        let power = SensorValue::Number { value: -23.456, unit: SensorUnit::Dbm };
        let community = reading(Some("0/1/3"), power, ProfileGrade::Community);
        assert_eq!(seen(Vi, &community, UtcMs(0)), "onu-rx [0/1/3]: −23,46 dBm (nguồn cộng đồng, cần kiểm tra)");
        assert_eq!(seen(En, &community, UtcMs(0)), "onu-rx [0/1/3]: −23.46 dBm (community source, check it)");
        let state = SensorValue::State { code: 2, name: Some("dying-gasp".to_owned()) };
        assert_eq!(seen(En, &reading(None, state, ProfileGrade::Documented), UtcMs(0)), "onu-rx: dying-gasp (2)");
        let count = SensorValue::Number { value: 7.0, unit: SensorUnit::Count };
        assert_eq!(seen(Vi, &reading(None, count, ProfileGrade::Documented), UtcMs(0)), "onu-rx: 7");
    }
}
