//! Degrees with minutes, or with minutes and seconds.

/// What parts may be followed by, from degrees to seconds.
const DEGREE: [char; 6] = ['°', 'º', '˚', '*', 'D', 'Đ'];
const MINUTE: [char; 7] = ['\'', '′', '’', '‘', '`', 'M', 'P'];
const SECOND: [char; 6] = ['"', '″', '”', '“', 'S', 'G'];
/// What may stand between any two parts.
const BETWEEN: [char; 3] = [' ', ':', '-'];

/// Words for the signs; and two signs of a minute, which mean a second where the keyboard has none.
const WORDS: [(&str, &str); 6] = [("ĐỘ", "°"), ("PHÚT", "'"), ("GIÂY", "\""), ("''", "\""), ("′′", "\""), ("’’", "\"")];

/// Minutes in a degree, and seconds in a minute.
const SIXTY: f64 = 60.0;

/// The degrees of a text in upper case, without a sign; `None` when it is no angle with minutes.
pub(super) fn degrees(text: &str) -> Option<f64> {
    let text = WORDS.iter().fold(text.to_owned(), |text, (word, sign)| text.replace(word, sign));
    let parts = pointed(&text).or_else(|| marked(&text))?;
    from_parts(&parts)
}

/// Degrees of two or three numbers.
pub(super) fn from_parts(parts: &[&str]) -> Option<f64> {
    let (degrees, minutes, seconds) = match parts {
        [degrees, minutes] => (whole(degrees, 3)?, below_sixty(minutes)?, 0.0),
        [degrees, minutes, seconds] => {
            (whole(degrees, 3)?, whole(minutes, 2).filter(|m| *m < SIXTY)?, below_sixty(seconds)?)
        }
        _ => return None,
    };
    Some(degrees + (minutes + seconds / SIXTY) / SIXTY)
}

/// `22.37.45,3`: points between the parts, and a comma, if any, for the decimals.
fn pointed(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split('.').collect();
    (parts.len() == 3 && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

/// Numbers with a sign or a space after each.
fn marked(text: &str) -> Option<Vec<&str>> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut parts = Vec::new();
    let mut rest = text;
    for signs in [&DEGREE[..], &MINUTE, &SECOND] {
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = match after.trim_start().strip_prefix(signs) {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => after.strip_prefix(BETWEEN)?.trim_start(),
        };
        if rest.is_empty() {
            break;
        }
    }
    rest.is_empty().then_some(parts)
}

fn whole(text: &str, digits: usize) -> Option<f64> {
    let is_whole = !text.is_empty() && text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_whole)
}

/// Minutes or seconds, with decimals after a point or a comma.
fn below_sixty(text: &str) -> Option<f64> {
    let (front, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    whole(front, 2)?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    format!("{front}.{fraction}").parse().ok().filter(|value| is_fraction && *value < SIXTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: f64 = 22.0 + 37.0 / 60.0 + 45.3 / 3600.0;

    #[test]
    fn minutes_and_seconds_are_read_in_every_form() {
        for text in [
            "22°37'45.3\"",
            "22° 37' 45,3\"",
            "22°37′45.3″",
            "22º37’45.3”",
            "22˚37'45.3''",
            "22 37 45.3",
            "22:37:45.3",
            "22-37-45.3",
            "22D37M45.3S",
            "22Đ37P45,3G",
            "22 ĐỘ 37 PHÚT 45,3 GIÂY",
            "22D 37M 45.3",
            "22.37.45,3",
            "22°37 45.3",
            "22°37.755'",
            "22°37,755",
            "22 37.755",
        ] {
            let read = degrees(text).unwrap_or_else(|| panic!("{text}"));
            assert!((read - HERE).abs() < 1e-12, "{text}: {read}");
        }
        assert_eq!(degrees("105°30'"), Some(105.5));
    }

    #[test]
    fn what_is_no_angle_is_refused() {
        for text in [
            "",
            "22",
            "22.5",
            "22°",
            "22°60'",
            "22°37'60\"",
            "22°37'45\"3",
            "22'37'45",
            "22°37\"",
            "22.5°37'",
            "22 37.5 45",
            "22 370",
            "1022 37 45",
            "22 37 45 10",
            "22°37'4 5",
            "22°°37",
            "22.37.",
            "2.450.382",
            "22°-37'",
        ] {
            assert_eq!(degrees(text), None, "{text}");
        }
    }
}
