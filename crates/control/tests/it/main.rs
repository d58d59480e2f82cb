//! The product through its public surface, over real engines.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod applications;
mod deployments;
mod history;
mod identities;
mod live;
mod logs;
mod messages;
mod metrics;
mod stage;
mod tokens;
mod topics;
