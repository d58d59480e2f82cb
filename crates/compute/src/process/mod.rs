//! Replicas as supervised processes of this machine.

mod identity;
mod launch;
mod logs;
mod phase;
mod ports;
mod replica;
mod run;
mod runtime;
mod state;
mod usage;
mod watch;

pub(crate) use identity::ProcessIdentity;
pub(crate) use launch::base_variables;
pub use runtime::ProcessRuntime;
