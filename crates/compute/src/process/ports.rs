//! A port for each replica.

use std::{
    collections::HashSet,
    io,
    net::{Ipv4Addr, TcpListener},
};

use parking_lot::Mutex;
use rand::Rng;

/// Below the range from which the kernel takes ports for outgoing connections (32768 by default), so that none of
/// those is ever in the way.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// The ports that are given out.
#[derive(Debug, Default)]
pub(super) struct Ports(Mutex<HashSet<u16>>);

impl Ports {
    /// A port that nobody listens on.
    pub(super) fn take(&self) -> io::Result<u16> {
        let mut taken = self.0.lock();
        let first = rand::rng().random_range(RANGE);
        let all = (first..RANGE.end).chain(RANGE.start..first);
        for port in all.filter(|port| !taken.contains(port)).collect::<Vec<_>>() {
            if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
                taken.insert(port);
                return Ok(port);
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free for a replica"))
    }

    /// Notes a port that is in use already.
    pub(super) fn note(&self, port: u16) {
        self.0.lock().insert(port);
    }

    /// Gives a port back.
    pub(super) fn release(&self, port: u16) {
        self.0.lock().remove(&port);
    }
}
