//! Kafka's protocol on a socket.

mod connection;
mod decode;
mod frame;
mod listener;
mod load;
mod session;
mod shape;
mod versions;

pub(crate) use decode::{Malformed, body as decode};
pub(crate) use listener::accept;
pub(crate) use load::{Load, Room};
pub(crate) use versions::APIS;
