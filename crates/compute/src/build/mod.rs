//! Builds: code and what it depends on, put on disk once and never changed.
//!
//! An environment is named by all that it depends on, so an unchanged one is found, not made. It belongs to one
//! workspace: code that runs while packages are installed could otherwise reach into another's.

mod builder;
mod cache;
mod installation;
mod language;
mod node;
mod python;
mod report;
mod requirement;
mod source;
mod step;

pub use builder::ProcessBuilder;
pub use language::Tools;
