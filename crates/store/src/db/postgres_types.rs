//! Values and errors between PostgreSQL's types and ours.

use std::error::Error;

use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::row::Row;
use crate::{SqlValue, StoreError};

type AnyError = Box<dyn Error + Sync + Send>;

/// A value that has no place in the type the statement wants. Names types only.
#[derive(Debug, thiserror::Error)]
#[error("{found} cannot be bound where the statement wants {wanted}; add a cast")]
struct WrongType {
    found: &'static str,
    wanted: String,
}

impl ToSql for SqlValue {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Self::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Self::Int(v), &Type::INT2) => i16::try_from(*v)?.to_sql(ty, out),
            (Self::Int(v @ (0 | 1)), &Type::BOOL) => (*v == 1).to_sql(ty, out),
            (Self::Text(v), _) if <&str as ToSql>::accepts(ty) || *ty == Type::UNKNOWN => {
                (&**v).to_sql(&Type::TEXT, out)
            }
            (Self::Blob(v), &Type::BYTEA) => (&**v).to_sql(ty, out),
            (Self::Int(_), _) => Err(wrong("an integer", ty)),
            (Self::Text(_), _) => Err(wrong("text", ty)),
            (Self::Blob(_), _) => Err(wrong("bytes", ty)),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn wrong(found: &'static str, ty: &Type) -> AnyError {
    Box::new(WrongType { found, wanted: ty.name().to_owned() })
}

/// A column as it came, before it is copied into a `Row`.
enum Raw<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, AnyError> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::OID => Self::Int(u32::from_sql(ty, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => Self::Blob(raw),
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, AnyError> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::OID | Type::BOOL | Type::BYTEA)
            || matches!(*ty, Type::UNKNOWN | Type::JSON)
            || <&str as FromSql>::accepts(ty)
    }
}

pub(crate) fn decode(row: &mut Row, raw: &tokio_postgres::Row) -> Result<(), StoreError> {
    row.reserve(raw.len());
    for i in 0..raw.len() {
        let cell = raw.try_get::<_, Raw<'_>>(i).map_err(|_| {
            let ty = raw.columns().get(i).map_or("unknown", |c| c.type_().name());
            StoreError::misuse(format!("column {i} is {ty}; cast it to bigint, text or bytea"))
        })?;
        match cell {
            Raw::Null => row.push_null(),
            Raw::Int(v) => row.push_int(v),
            Raw::Text(v) => row.push_text(v)?,
            Raw::Blob(v) => row.push_blob(v)?,
        }
    }
    Ok(())
}

/// Whether the server ends the connection with this error.
pub(crate) fn is_fatal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(|db| db.parsed_severity());
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

pub(crate) fn pg_error(error: &tokio_postgres::Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let source = error.source();
        if let Some(wrong) = source.and_then(|s| s.downcast_ref::<WrongType>()) {
            return StoreError::misuse(wrong.to_string());
        }
        let broken = error.is_closed() || source.is_some_and(|s| s.is::<std::io::Error>());
        // Neither the address nor the user belongs in an error that a client may see.
        return if broken {
            StoreError::unavailable("the connection to PostgreSQL was lost")
        } else {
            StoreError::other("client", error.to_string())
        };
    };
    let code = db.code();
    let class = &code.code()[..2];
    match (class, code.code()) {
        ("23", _) if *code == SqlState::UNIQUE_VIOLATION => {
            StoreError::UniqueViolation { index: db.constraint().unwrap_or_default().to_owned() }
        }
        ("23", _) if *code == SqlState::FOREIGN_KEY_VIOLATION => StoreError::ForeignKey,
        // Neither is the row that a check or a NOT NULL refused, only which rule it was.
        ("23", code) => StoreError::other(code, db.constraint().or(db.column()).unwrap_or_default()),
        ("40", _) => StoreError::Conflict,
        (_, "22003") => StoreError::OutOfRange,
        (_, "57014" | "55P03") => StoreError::Timeout,
        (_, "53100") => StoreError::unavailable("the disk is full"),
        ("08" | "53" | "57" | "58", code) => StoreError::unavailable(format!("PostgreSQL says {code}")),
        ("28" | "3D", code) => StoreError::unavailable(format!("PostgreSQL refuses the login ({code})")),
        ("XX", code) => StoreError::Corrupt { reason: code.to_owned() },
        (_, "25P02") => StoreError::Aborted,
        // Class 42 names tables and columns; other messages may quote values.
        ("42", code) if db.message().contains("tsquery") => {
            StoreError::other(code, "malformed search expression")
        }
        ("42" | "0A", code) => StoreError::other(code, db.message()),
        (_, code) => StoreError::other(code, "PostgreSQL refused the statement"),
    }
}
