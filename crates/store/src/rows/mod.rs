//! Queries and mutations, one file per noun.

pub(crate) mod applications;
pub(crate) mod deployments;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod topics;

use jiff::Timestamp;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, prelude::*, sea_query::Expr};
use serde::{Serialize, de::DeserializeOwned};

use headwater_model::WorkspaceId;

use crate::{Error, Result, entity::workspace};

/// Now, in microseconds since 1970 UTC.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

/// Now, to the microsecond that rows keep, so that what is written is what is read.
pub fn clock() -> Timestamp {
    Timestamp::from_microsecond(now()).expect("the clock is within the range of time stamps")
}

fn time(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| Error::Corrupt(error.to_string()))
}

fn time_opt(micros: Option<i64>) -> Result<Option<Timestamp>> {
    micros.map(time).transpose()
}

fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// An enum without fields as the word that serde gives it.
fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Error::Corrupt(format!("{other} is not a word"))),
    }
}

fn from_word<T: DeserializeOwned>(word: String) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

/// A version or count as the signed number that every engine keeps.
fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn from_number(value: i32) -> Result<u32> {
    u32::try_from(value).map_err(|_| Error::Corrupt(format!("{value} is negative")))
}

/// Records how far the change feed of a workspace is.
pub(crate) async fn set_seq(tx: &DatabaseTransaction, workspace: &WorkspaceId, seq: i64) -> Result<()> {
    workspace::Entity::update_many()
        .col_expr(workspace::Column::Seq, Expr::value(seq))
        .filter(workspace::Column::Id.eq(workspace.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What an update by revision hit: the row, or nothing because it moved on or is gone.
fn hit(rows_affected: u64, what: &'static str, id: &impl ToString, expected: i64) -> Result<()> {
    match rows_affected {
        0 => Err(Error::Stale { what, id: id.to_string(), expected, found: -1 }),
        _ => Ok(()),
    }
}
