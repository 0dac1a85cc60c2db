//! Rows as Parquet: typed columns, snappy, a group of rows at a time.

use std::{io::Write, sync::Arc};

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use super::{
    Rows, StoreFailure,
    columns::{Column, Kind, Value},
};

/// Rows of a group: all that is held in memory, some ten megabytes of the widest rows.
const GROUP: usize = 50_000;

/// The values of a column in the present group; `levels` has 1 where there is one.
struct Buffer {
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Float(Vec<f64>),
}

/// A Parquet file that is being written.
pub struct ParquetFile<W: Write + Send> {
    columns: &'static [Column],
    buffers: Vec<Buffer>,
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Writes the head.
    pub fn begin(to: W, what: &str, columns: &'static [Column]) -> Result<Self, StoreFailure> {
        let fields = columns.iter().map(|column| field(*column).map(Arc::new)).collect::<Result<_, _>>();
        let schema = fields.and_then(|fields| Type::group_type_builder(what).with_fields(fields).build());
        let made_by = format!("phusong {}", env!("CARGO_PKG_VERSION"));
        let properties =
            WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by(made_by).build();
        let writer = schema.and_then(|schema| SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties)));
        Ok(Self { columns, buffers: empty(columns), writer: writer.map_err(broken)? })
    }

    /// The last group and the foot.
    pub fn end(mut self) -> Result<(), StoreFailure> {
        self.write_group()?;
        self.writer.close().map(drop).map_err(broken)
    }

    fn write_group(&mut self) -> Result<(), StoreFailure> {
        let buffers = std::mem::replace(&mut self.buffers, empty(self.columns));
        if buffers.first().is_none_or(|buffer| buffer.levels.is_empty()) {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(broken)?;
        for buffer in buffers {
            let Some(mut column) = group.next_column().map_err(broken)? else { break };
            let levels = Some(buffer.levels.as_slice());
            match (column.untyped(), buffer.values) {
                (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(values)) => {
                    writer.write_batch(&values, levels, None).map_err(broken)?;
                }
                (ColumnWriter::Int64ColumnWriter(writer), Values::Whole(values)) => {
                    writer.write_batch(&values, levels, None).map_err(broken)?;
                }
                (ColumnWriter::DoubleColumnWriter(writer), Values::Float(values)) => {
                    writer.write_batch(&values, levels, None).map_err(broken)?;
                }
                (_, Values::Text(_) | Values::Whole(_) | Values::Float(_)) => {
                    return Err(broken(ParquetError::General("a column of another type".to_owned())));
                }
            }
            column.close().map_err(broken)?;
        }
        group.close().map(drop).map_err(broken)
    }
}

impl<W: Write + Send> Rows for ParquetFile<W> {
    fn row(&mut self, row: Vec<Value>) -> Result<(), StoreFailure> {
        for (buffer, value) in self.buffers.iter_mut().zip(row) {
            buffer.take(value);
        }
        if self.buffers.first().is_some_and(|buffer| buffer.levels.len() >= GROUP) {
            self.write_group()?;
        }
        Ok(())
    }
}

impl Buffer {
    /// A value of another kind than the column's is none; the columns of `rows.rs` and their values go together.
    fn take(&mut self, value: Value) {
        let known = match (&mut self.values, value) {
            (Values::Text(values), Value::Text(text)) => {
                values.push(ByteArray::from(text.into_bytes()));
                true
            }
            (Values::Whole(values), Value::Int(number)) => push(values, number),
            // By its bits, as the column says.
            (Values::Whole(values), Value::Count(number)) => push(values, number.cast_signed()),
            (Values::Whole(values), Value::Time(at)) => push(values, at.0),
            (Values::Float(values), Value::Float(number)) => push(values, number),
            (
                Values::Text(_) | Values::Whole(_) | Values::Float(_),
                Value::Missing | Value::Text(_) | Value::Int(_) | Value::Count(_) | Value::Float(_) | Value::Time(_),
            ) => false,
        };
        self.levels.push(i16::from(known));
    }
}

fn push<T>(values: &mut Vec<T>, value: T) -> bool {
    values.push(value);
    true
}

fn empty(columns: &[Column]) -> Vec<Buffer> {
    let values = |column: &Column| match column.kind {
        Kind::Text => Values::Text(Vec::new()),
        Kind::Int | Kind::Count | Kind::Time => Values::Whole(Vec::new()),
        Kind::Float => Values::Float(Vec::new()),
    };
    columns.iter().map(|column| Buffer { levels: Vec::new(), values: values(column) }).collect()
}

fn field(column: Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Int => (Physical::INT64, None),
        Kind::Count => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Kind::Float => (Physical::DOUBLE, None),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn broken(error: ParquetError) -> StoreFailure {
    let ParquetError::External(source) = error else { return StoreFailure::write(std::io::Error::other(error)) };
    StoreFailure::write(match source.downcast::<std::io::Error>() {
        Ok(source) => *source,
        Err(other) => std::io::Error::other(other),
    })
}
