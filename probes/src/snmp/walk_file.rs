//! A recorded walk: what a device answered, as a file.
//!
//! `snmpbulkwalk -On` of net-snmp writes a line an object, `.1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11`, and the
//! recorder of snmpsim `1.3.6.1.2.1.1.3.0|67|4711`. Both are read, also mixed. The file comes from the field: sizes are
//! bounded, and every line that cannot be read is named.

use std::{collections::BTreeMap, path::Path};

use phusong_model::Fault;
use snmp::{Oid, Value};

/// Bytes of a walk: more than a whole chassis has. A large OLT is recorded by subtree.
const LONGEST: usize = 64 << 20;
/// Bytes of one line: the longest octet string of SNMP in hexadecimal, and its OID.
const LONGEST_LINE: usize = 1 << 18;
/// Objects of a walk.
const MOST_OBJECTS: usize = 1 << 20;
/// Faults that are told; more of them are one mistake.
const MOST_FAULTS: usize = 20;

/// What a device answered when it was walked.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    objects: BTreeMap<Oid, Value>,
}

impl Walk {
    /// Reads a walk, or says which lines cannot be read. Empty lines and lines that begin with # are passed over.
    ///
    /// # Errors
    /// All faults, each with its line, up to twenty.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Fault>> {
        if text.len() > LONGEST {
            let hint = "record only the subtrees that the profile reads";
            return Err(vec![Fault::of_file(file, format!("the walk is longer than {LONGEST} bytes"), hint)]);
        }
        let mut walk = Self::default();
        let mut faults = Vec::new();
        for (number, line) in entries(text) {
            let entry = if line.len() > LONGEST_LINE { None } else { entry(&line) };
            match entry {
                Some((oid, Some(value))) if walk.objects.len() < MOST_OBJECTS => drop(walk.objects.insert(oid, value)),
                Some((_, None)) => {}
                Some((_, Some(_))) => {
                    let hint = "record only the subtrees that the profile reads";
                    let message = format!("the walk has more than {MOST_OBJECTS} objects");
                    return Err(vec![Fault::of_file(file, message, hint).at_line(number)]);
                }
                None if faults.len() < MOST_FAULTS => {
                    let shown: String = line.chars().take(60).collect();
                    let hint = "record it with: snmpbulkwalk -v2c -c COMMUNITY -On HOST .1.3.6.1 > FILE";
                    faults.push(Fault::of_file(file, format!("{shown:?} is no line of a walk"), hint).at_line(number));
                }
                None => {}
            }
        }
        if walk.objects.is_empty() && faults.is_empty() {
            faults.push(Fault::of_file(file, "the walk is empty", "record it with: snmpbulkwalk -On"));
        }
        if faults.is_empty() { Ok(walk) } else { Err(faults) }
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// All objects, in order.
    #[cfg(test)]
    pub(super) fn objects(&self) -> impl Iterator<Item = (&Oid, &Value)> {
        self.objects.iter()
    }

    pub(super) fn get(&self, oid: &Oid) -> Option<&Value> {
        self.objects.get(oid)
    }

    /// The rows of a column, in order.
    pub(super) fn rows(&self, column: &Oid) -> impl Iterator<Item = Oid> {
        let from = self.objects.range(column.clone()..).map(|(oid, _)| oid);
        from.take_while(|oid| oid.starts_with(column)).filter_map(|oid| oid.strip_prefix(column))
    }
}

/// Entries with the number of their first line: a text of net-snmp may go on over several lines until its quote ends.
fn entries(text: &str) -> Vec<(u64, String)> {
    let mut entries: Vec<(u64, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        match entries.last_mut() {
            Some((_, entry)) if open && entry.len() <= LONGEST_LINE => {
                entry.push('\n');
                entry.push_str(line);
                open = !closes(line);
            }
            _ if line.trim().is_empty() || line.starts_with('#') => {}
            _ => {
                entries.push((number, line.to_owned()));
                open = line.split_once(" = STRING: \"").is_some_and(|(_, text)| !closes(text));
            }
        }
    }
    entries
}

/// Whether a quoted text ends at the end of this line: with a quote that no backslash takes away.
fn closes(line: &str) -> bool {
    let Some(text) = line.trim_end().strip_suffix('"') else { return false };
    text.chars().rev().take_while(|c| *c == '\\').count() % 2 == 0
}

/// Object and value of an entry; no value for an object that the device did not have.
fn entry(line: &str) -> Option<(Oid, Option<Value>)> {
    if let Some((oid, rest)) = line.split_once(" = ") {
        return Some((self::oid(oid)?, net_snmp(rest.trim_end())?));
    }
    let mut parts = line.splitn(3, '|');
    let (oid, tag, value) = (parts.next()?, parts.next()?, parts.next()?);
    Some((self::oid(oid)?, Some(snmpsim(tag, value)?)))
}

fn oid(text: &str) -> Option<Oid> {
    let oid = Oid::parse(text.trim().trim_start_matches('.')).ok()?;
    oid.validate_for_wire().ok()?;
    Some(oid)
}

/// A value as net-snmp writes it.
fn net_snmp(text: &str) -> Option<Option<Value>> {
    if text.starts_with("No Such ") || text.starts_with("No more variables") || text == "NULL" {
        return Some(None);
    }
    if text == "\"\"" {
        return Some(Some(Value::OctetString(Vec::new().into())));
    }
    // Said when the device's type is not the MIB's; the value follows.
    let text = text.strip_prefix("Wrong Type (").and_then(|rest| rest.split_once("): ")).map_or(text, |(_, v)| v);
    let (kind, value) = text.split_once(": ").or_else(|| text.strip_suffix(':').map(|kind| (kind, "")))?;
    let value = match kind {
        "INTEGER" => Value::Integer(leading(value)?),
        "Gauge32" | "Unsigned32" => Value::Gauge32(leading(value)?),
        "Counter32" => Value::Counter32(leading(value)?),
        "Counter64" => Value::Counter64(leading(value)?),
        "Timeticks" => Value::TimeTicks(leading(value)?),
        "STRING" => Value::OctetString(unquoted(value).into_bytes().into()),
        "Hex-STRING" | "BITS" => Value::OctetString(hexadecimal(value)?.into()),
        "OID" => Value::ObjectIdentifier(oid(value)?),
        "IpAddress" | "Network Address" => Value::IpAddress(address(value)?),
        "Opaque" => return Some(None),
        _ => return None,
    };
    Some(Some(value))
}

/// A value as snmpsim writes it: the tag is that of BER, with x for hexadecimal.
fn snmpsim(tag: &str, value: &str) -> Option<Value> {
    Some(match tag {
        "2" => Value::Integer(value.trim().parse().ok()?),
        "4" => Value::OctetString(value.as_bytes().to_vec().into()),
        "4x" => Value::OctetString(hexadecimal(value)?.into()),
        "6" => Value::ObjectIdentifier(oid(value)?),
        "64" => Value::IpAddress(address(value)?),
        "65" => Value::Counter32(value.trim().parse().ok()?),
        "66" => Value::Gauge32(value.trim().parse().ok()?),
        "67" => Value::TimeTicks(value.trim().parse().ok()?),
        "70" => Value::Counter64(value.trim().parse().ok()?),
        _ => return None,
    })
}

/// The number in front: `2`, `normal(2)`, `(4711) 0:00:47.11`, `230 RMS Volts`.
fn leading<T: std::str::FromStr>(text: &str) -> Option<T> {
    let inner = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inner, _)| inner);
    inner.into_iter().chain(text.split_whitespace().next()).find_map(|number| number.parse().ok())
}

fn unquoted(text: &str) -> String {
    let Some(quoted) = text.trim_end().strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

fn address(text: &str) -> Option<[u8; 4]> {
    text.trim().parse::<std::net::Ipv4Addr>().ok().map(|address| address.octets())
}

#[cfg(test)]
mod tests {
    use phusong_model::glossary;
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Walk, Vec<Fault>> {
        Walk::parse(text, Path::new("walk")).inspect_err(|faults| {
            let is_told = |fault: &Fault| [&fault.message, &fault.hint].into_iter().all(|text| glossary::is_told(text));
            assert!(faults.iter().all(is_told), "a fault without Vietnamese: {faults:#?}");
        })
    }

    fn value(line: &str) -> Option<Value> {
        let walk = parse(line).unwrap_or_else(|faults| panic!("{faults:?}"));
        walk.objects.into_values().next()
    }

    #[test]
    fn values_of_net_snmp() {
        for (line, expected) in [
            (".1.3.6.1.1.1 = INTEGER: 2", Value::Integer(2)),
            (".1.3.6.1.1.1 = INTEGER: normal(2)", Value::Integer(2)),
            (".1.3.6.1.1.1 = INTEGER: -1234 0.01 dBm", Value::Integer(-1234)),
            (".1.3.6.1.1.1 = Gauge32: 4000000000", Value::Gauge32(4_000_000_000)),
            (".1.3.6.1.1.1 = Counter64: 18446744073709551615", Value::Counter64(u64::MAX)),
            (".1.3.6.1.1.1 = Timeticks: (4711) 0:00:47.11", Value::TimeTicks(4711)),
            (".1.3.6.1.1.1 = STRING: \"say \\\"ether1\\\"\"", Value::OctetString("say \"ether1\"".into())),
            (".1.3.6.1.1.1 = STRING: ether1", Value::OctetString("ether1".into())),
            (".1.3.6.1.1.1 = \"\"", Value::OctetString("".into())),
            (".1.3.6.1.1.1 = Hex-STRING: 00 1F ff ", Value::OctetString(vec![0, 0x1f, 0xff].into())),
            (".1.3.6.1.1.1 = IpAddress: 10.0.0.1", Value::IpAddress([10, 0, 0, 1])),
            (".1.3.6.1.1.1 = Wrong Type (should be Gauge32): INTEGER: 7", Value::Integer(7)),
        ] {
            assert_eq!(value(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn values_of_snmpsim() {
        assert_eq!(value("1.3.6.1.1.1|2|-5"), Some(Value::Integer(-5)));
        assert_eq!(value("1.3.6.1.1.1|4|a|b"), Some(Value::OctetString("a|b".into())));
        assert_eq!(value("1.3.6.1.1.1|4x|00ff"), Some(Value::OctetString(vec![0, 0xff].into())));
        assert_eq!(value("1.3.6.1.1.1|70|7"), Some(Value::Counter64(7)));
    }

    #[test]
    fn a_text_may_go_on_over_lines() {
        let walk = parse(".1.3.6.1.1.1 = STRING: \"Router\nversion 7\"\n.1.3.6.1.1.2 = INTEGER: 1\n").expect("a walk");
        let text = walk.get(&Oid::parse("1.3.6.1.1.1").expect("OID"));
        assert_eq!(text, Some(&Value::OctetString("Router\nversion 7".into())));
        assert_eq!(walk.len(), 2);
    }

    #[test]
    fn what_the_device_does_not_have_is_not_there() {
        let walk = parse(
            "# recorded 2026\n\n.1.3.6.1.1.1 = No Such Object available on this agent at this OID\n1.3.6.1.1.2|2|3",
        );
        assert_eq!(walk.expect("a walk").len(), 1);
    }

    #[test]
    fn rows_are_those_of_the_column_in_order() {
        let walk =
            parse("1.3.6.1.1.2.10|2|1\n1.3.6.1.1.2.9.1|2|1\n1.3.6.1.1.20.1|2|1\n1.3.6.1.1.1.1|2|1").expect("a walk");
        let rows: Vec<String> =
            walk.rows(&Oid::parse("1.3.6.1.1.2").expect("OID")).map(|row| row.to_string()).collect();
        assert_eq!(rows, ["9.1", "10"]);
    }

    #[test]
    fn lines_that_cannot_be_read_are_all_named() {
        let text = "1.3.6.1.1.2.10|2|1\nrubbish\n.1.3.x = INTEGER: 1\n.1.3.6.1 = INTEGER: many\n.1.3.6.1 = COLOUR: 3\n";
        let faults = parse(text).expect_err("four faults");
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 3, 4, 5].map(Some));
        assert_eq!(parse("rubbish\n".repeat(500).as_str()).expect_err("faults").len(), MOST_FAULTS);
        assert_eq!(parse("").expect_err("empty").len(), 1);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "(\\.?1\\.3[.0-9]{0,8}( = |\\|)(INTEGER: |STRING: \"|4x\\||2\\|)?.{0,12}\n?){0,5}") {
            let _ = parse(&text);
        }
    }
}
