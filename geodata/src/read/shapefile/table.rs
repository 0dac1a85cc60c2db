//! The `.dbf`: rows of fields of fixed width. Read here because the crate for it replaces bytes that are no letters,
//! drops deleted rows without a word, so that shapes get the properties of others, and makes every number a `f64`.

use super::encoding::Letters;
use crate::read::{
    Properties,
    report::{Wrong, shown, wrong},
    value::{Value, is_meant},
};

/// Bytes of the header before the fields, and of each field.
const HEADER: usize = 32;
/// Types of fields that are read.
const KINDS: &[u8] = b"CNFLDI";
/// What a broken table is answered with.
const HINT: &str = "the file is damaged; copy it again, or export it again";

/// A table whose rows all lie in it.
#[derive(Debug)]
pub(super) struct Table<'a> {
    rows: &'a [u8],
    row_bytes: usize,
    fields: Vec<Field>,
    letters: Letters,
}

#[derive(Debug)]
struct Field {
    name: String,
    kind: u8,
    at: usize,
    width: usize,
}

impl<'a> Table<'a> {
    /// Looks at the header and at the fields.
    pub(super) fn open(dbf: &'a [u8], letters: Letters) -> Result<Self, Wrong> {
        let (Some(count), Some(header), Some(row_bytes)) = (dbf.get(4..8), le16(dbf, 8), le16(dbf, 10)) else {
            return wrong(format!("{} bytes are no table", dbf.len()), HINT);
        };
        let count = count.first_chunk().map_or(0, |count| u32::from_le_bytes(*count));
        let language = dbf.get(29).copied().unwrap_or_default();
        let letters = letters.or_language(language);
        let fields = fields(dbf.get(HEADER..header).unwrap_or_default(), letters)?;
        let width = fields.last().map_or(1, |field| field.at + field.width);
        if fields.is_empty() || width > row_bytes {
            return wrong(format!("rows of {row_bytes} bytes cannot hold its fields"), HINT);
        }
        let rows = dbf.get(header..).unwrap_or_default();
        let used = usize::try_from(count).ok().and_then(|count| count.checked_mul(row_bytes));
        match used.and_then(|used| rows.get(..used)) {
            Some(rows) => Ok(Self { rows, row_bytes, fields, letters }),
            None => wrong(format!("cut off: {count} rows by its header, {} are there", rows.len() / row_bytes), HINT),
        }
    }

    /// How many rows there are, the deleted ones included: each has a shape.
    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.row_bytes
    }

    /// The properties that a row, from 0, gives; `None` when it is marked as deleted.
    pub(super) fn row<P: Properties>(&self, index: usize) -> Result<Option<Vec<(String, Value)>>, Wrong> {
        let row = self.rows.chunks_exact(self.row_bytes).nth(index).unwrap_or_default();
        if row.first() == Some(&b'*') {
            return Ok(None);
        }
        let mut values = Vec::new();
        // Of fields that nobody names, those that cannot be read are not there.
        let is_read = |field: &&Field| is_meant::<P>(&field.name) && (!P::ANY || KINDS.contains(&field.kind));
        for field in self.fields.iter().filter(is_read) {
            let bytes = row.get(field.at..field.at + field.width).unwrap_or_default();
            let value = self.value(field, bytes);
            values.push((
                field.name.clone(),
                value.map_err(|(message, hint)| (format!("field {}: {message}", shown(&field.name)), hint))?,
            ));
        }
        Ok(Some(values))
    }

    fn value(&self, field: &Field, bytes: &[u8]) -> Result<Value, Wrong> {
        let text = bytes.trim_ascii();
        match field.kind {
            b'C' => Ok(Value::text(self.letters.text(text.strip_suffix(b"\0").unwrap_or(text))?.trim_matches('\0'))),
            b'N' | b'F' => number(text),
            b'L' => match text {
                b"T" | b"t" | b"Y" | b"y" => Ok(Value::Bool(true)),
                b"F" | b"f" | b"N" | b"n" => Ok(Value::Bool(false)),
                _ => Ok(Value::Null),
            },
            b'D' => Ok(date(&String::from_utf8_lossy(text))),
            b'I' => {
                Ok(bytes.first_chunk().map_or(Value::Null, |bytes| Value::Integer(i32::from_le_bytes(*bytes).into())))
            }
            kind => wrong(
                format!("its type {:?} is not read", char::from(kind)),
                "make it a text, a number, a date or a truth value of the table",
            ),
        }
    }
}

fn fields(mut bytes: &[u8], letters: Letters) -> Result<Vec<Field>, Wrong> {
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 1;
    while let Some((field, rest)) = bytes.split_first_chunk::<HEADER>().filter(|(field, _)| field[0] != b'\r') {
        let [name @ .., kind] = field.first_chunk::<12>().unwrap_or(&[0; 12]);
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let width = usize::from(field[16]);
        fields.push(Field { name: letters.text(name.trim_ascii())?, kind: *kind, at, width });
        at += width;
        bytes = rest;
    }
    Ok(fields)
}

fn number(text: &[u8]) -> Result<Value, Wrong> {
    let text = String::from_utf8_lossy(text);
    // Stars are what programs write where a number does not fit.
    if text.is_empty() || text.bytes().all(|byte| byte == b'*' || byte == 0) {
        return Ok(Value::Null);
    }
    if let Ok(number) = text.parse() {
        return Ok(Value::Integer(number));
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Value::Real(number)),
        _ => wrong(format!("{:?} is not a number", shown(&text)), "numbers have a decimal point and no blanks"),
    }
}

/// A date as the other formats write one; a table has `20250701`, and zeros or blanks for none.
fn date(text: &str) -> Value {
    if text.bytes().all(|byte| matches!(byte, b'0' | b' ' | 0)) {
        return Value::Null;
    }
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 => Value::Text(format!("{year}-{month}-{day}")),
        _ => Value::text(text),
    }
}

fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.first_chunk().map(|chunk| usize::from(u16::from_le_bytes(*chunk)))
}
