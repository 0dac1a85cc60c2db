//! What was seen of an outage, in a sentence each. Text from outside is not made safe here: who prints it does.

use super::{Lang, decimal, duration, integer};
use crate::Sign;

/// What a sign says.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a sentence for each sign, in both languages")]
pub fn sign_text(lang: Lang, sign: &Sign) -> String {
    let (vietnamese, english) = match sign {
        Sign::CarrierDown { carrier } => {
            (format!("{carrier} ở phía trên mất kết nối"), format!("{carrier} above it is down"))
        }
        Sign::InterfaceDown { device } => {
            (format!("{device} báo cổng mất kết nối"), format!("{device} says that its interface is down"))
        }
        Sign::InterfaceShut { device } => {
            (format!("cổng trên {device} bị tắt"), format!("the interface on {device} was shut"))
        }
        Sign::NoLight { device, rx } => {
            let level = rx.map(|rx| format!(" ({} dBm)", decimal(lang, rx.0, 1))).unwrap_or_default();
            (format!("{device} không thu được tín hiệu quang{level}"), format!("{device} receives no light{level}"))
        }
        Sign::LightFaded { device, db } => {
            let db = decimal(lang, *db, 1);
            (
                format!("trước đó công suất quang thu tại {device} đã giảm {db} dB"),
                format!("the light into {device} had faded by {db} dB before"),
            )
        }
        Sign::DyingGasp { device } => (
            format!("{device} nhận được bản tin ONT báo mất điện (dying gasp)"),
            format!("{device} heard the ONT's dying gasp"),
        ),
        Sign::NotRegistered { device } => (
            format!("ONT có tín hiệu quang nhưng không đăng ký được vào {device}"),
            format!("the ONT is lit and cannot register at {device}"),
        ),
        Sign::PortDark { device, dark, lit } => {
            let (dark, lit) = (integer(lang, u64::from(*dark)), integer(lang, u64::from(*lit)));
            (
                format!("{dark} ONT cùng cổng PON của {device} mất tín hiệu quang, {lit} ONT vẫn còn tín hiệu"),
                format!("{dark} ONTs of the same PON port of {device} lost their light, {lit} did not"),
            )
        }
        Sign::Break { device, from, to } => {
            let (from, to) = (integer(lang, from.0.round() as u64), integer(lang, to.0.round() as u64));
            (
                format!("điểm đứt cách {device} từ {from} đến {to} mét cáp"),
                format!("the break lies {from} to {to} metres of fibre from {device}"),
            )
        }
        Sign::OnBattery { device, left, low } => {
            let left = left.map(|left| duration(lang, left));
            let vi = left.as_ref().map(|left| format!(", còn {left}")).unwrap_or_default();
            let en = left.as_ref().map(|left| format!(", {left} left")).unwrap_or_default();
            let (low_vi, low_en) = if *low { (", sắp cạn", ", low") } else { ("", "") };
            (format!("{device} chạy bằng ắc quy{vi}{low_vi}"), format!("{device} ran on its battery{en}{low_en}"))
        }
        Sign::MainsOff { device } => {
            (format!("{device} báo mất điện lưới"), format!("{device} says that the mains are off"))
        }
        Sign::MainsOn { device } => {
            (format!("{device} báo nguồn điện bình thường"), format!("{device} says that its supply is in order"))
        }
        Sign::Restarted { device, uptime } => {
            let uptime = duration(lang, *uptime);
            (
                format!("{device} đã khởi động lại: mới chạy {uptime} khi kết nối trở lại"),
                format!("{device} had restarted: it was up for {uptime} when it came back"),
            )
        }
        Sign::StayedUp { device, uptime } => {
            let uptime = duration(lang, *uptime);
            (
                format!("{device} vẫn chạy suốt thời gian đó ({uptime}): có điện"),
                format!("{device} had been up all the time ({uptime}): it had power"),
            )
        }
        Sign::SiteAnswers { carrier } => {
            (format!("{carrier} cùng điểm vẫn trả lời"), format!("{carrier} at the same site still answers"))
        }
        Sign::DarkTogether { links, operators } => {
            let (links, operators) = (integer(lang, u64::from(*links)), integer(lang, u64::from(*operators)));
            (
                format!("{links} tuyến của {operators} nhà mạng cùng nơi mất kết nối cùng lúc"),
                format!("{links} links of {operators} operators in one place fell silent together"),
            )
        }
        Sign::EverythingLost { links } => {
            let links = integer(lang, u64::from(*links));
            (
                format!("tất cả {links} tuyến mất kết nối cùng lúc: có lẽ do máy giám sát"),
                format!("all {links} links fell silent at once: probably our own side"),
            )
        }
        Sign::Announced { why } => (format!("đã báo trước: {why}"), format!("announced: {why}")),
    };
    lang.pick(vietnamese, english)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dbm, Metres, Millis};

    #[test]
    fn signs_are_told_with_their_figures() {
        let device = || "olt-na-hang".parse().expect("id");
        let gone = Sign::NoLight { device: device(), rx: Some(Dbm(-40.0)) };
        assert_eq!(sign_text(Lang::Vi, &gone), "olt-na-hang không thu được tín hiệu quang (−40,0 dBm)");
        let cut = Sign::Break { device: device(), from: Metres(3210.4), to: Metres(4000.0) };
        assert_eq!(sign_text(Lang::En, &cut), "the break lies 3,210 to 4,000 metres of fibre from olt-na-hang");
        let battery = Sign::OnBattery { device: device(), left: Some(Millis(600_000)), low: true };
        assert_eq!(sign_text(Lang::En, &battery), "olt-na-hang ran on its battery, 10 min left, low");
    }
}
