//! What the platform asks of any Kafka: administration, records in and out, positions and lag.
//!
//! [`Topics`] is the one trait. [`embedded`] reaches the embedded broker in process, without a socket.
//! Tenancy is not decided here: callers pass full topic ids (`{workspaceId}-{name}`) that they have checked.

mod api;
#[cfg(test)]
mod conformance;
pub mod embedded;
mod error;
mod groups;
mod partitioner;

pub use api::{
    Content, Definition, Description, Header, IncomingRecord, Isolation, Position, Record, Topics, Traffic,
    Watermarks,
};
pub use embedded::Embedded;
pub use error::{Error, Result};
pub use groups::{Group, GroupPartition, Member};
