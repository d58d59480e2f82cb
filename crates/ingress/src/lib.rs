//! Public applications: requests find their way to replicas by host name or by path.
//!
//! [`Routes`] says which replicas serve a label (`{urlPrefix}-{workspaceId}`); [`Ingress`] forwards to them: streaming
//! both ways, WebSockets included, to the replica with the fewest requests under way.

mod balance;
mod body;
mod counters;
mod forward;
mod headers;
mod pages;
mod routes;
mod service;

pub use routes::Routes;
pub use service::{Ingress, Settings};
