//! Builds and replicas: from a folder of code to supervised processes with logs and figures.
//!
//! [`Builder`] turns sources into an [`Environment`], cached by what it depends on. [`Runtime`] keeps replicas of
//! it running and says how they are. [`ProcessBuilder`] and [`ProcessRuntime`] are the embedded default: plain
//! processes on this machine, each with a small supervisor that outlives the platform.
//!
//! Whoever links this crate calls [`supervise`] first thing in `main`, since supervisors are the same binary again.

mod api;
mod build;
mod error;
mod folder;
mod limits;
mod log;
mod logs;
mod process;
mod readable;
mod sandbox;
mod supervisor;

pub use api::{
    Attempt, BuildPhase, BuildSpec, Builder, EnforcedBy, Environment, Exit, Isolation, Limits, LogChunk,
    LogSource, ReplicaEvent, ReplicaSpec, ReplicaState, ReplicaStatus, Restart, Runtime, StateFolder,
    StateUsage, Stream, Usage,
};
pub use build::{ProcessBuilder, Tools};
pub use error::{Error, Result};
pub use folder::{Folders, remove as remove_folder};
pub use headwater_model::ReplicaId;
pub use log::{
    Budget, Direction, Keeping, Level, Levels, LogFound, LogLine, LogMatch, LogPosition, LogQuery, Pattern,
    Run,
};
pub use logs::Logs;
pub use process::ProcessRuntime;
pub use sandbox::Confinement;
pub use supervisor::supervise;
