//! Kafka's protocol on a socket.

mod connection;
mod decode;
mod frame;
mod listener;
mod session;
mod versions;

pub(crate) use decode::Malformed;
pub(crate) use listener::accept;
pub(crate) use versions::APIS;
