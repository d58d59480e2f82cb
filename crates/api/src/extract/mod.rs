//! What handlers take from a request: who calls, what the path and query name, and the body.

mod body;
mod caller;
mod folded;
mod page;
mod parameters;

pub(crate) use body::MAX as BODY_MAX;
pub(crate) use body::{Body, Unread};
pub(crate) use caller::{Basic, Caller, Credential};
pub(crate) use page::Page;
pub(crate) use parameters::{Path, Query};
