//! What handlers take from a request: who calls, what the path and query name, and the body.

mod body;
mod caller;
mod folded;
mod parameters;

pub(crate) use body::Body;
pub(crate) use body::MAX as BODY_MAX;
pub(crate) use caller::{Basic, Caller, Credential, foreign_origin, same_origin};
pub(crate) use parameters::{Path, Query};
