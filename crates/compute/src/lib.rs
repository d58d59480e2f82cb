//! Builds and replicas: from a folder of code to supervised processes with logs and figures.
//!
//! [`Builder`] turns sources into an [`Environment`], cached by what it depends on. [`Runtime`] keeps replicas of
//! it running and says how they are. The process runtime is the embedded default.

mod api;
#[cfg(test)]
mod conformance;
mod error;

pub use api::{
    Attempt, BuildPhase, BuildSpec, Builder, Environment, Exit, Isolation, LogChunk, LogSource, ReplicaEvent,
    ReplicaId, ReplicaSpec, ReplicaState, ReplicaStatus, Runtime, Stream, Usage,
};
pub use error::{Error, Result};
