//! The store as its users see it.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod kept;
mod model;
mod property;
