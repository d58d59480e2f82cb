//! The choice among replicas: the one with the fewest requests under way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A replica's address, with its load.
pub(crate) struct Backend {
    pub(crate) addr: SocketAddr,
    under_way: AtomicUsize,
}

impl Backend {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self { addr, under_way: AtomicUsize::new(0) }
    }
}

/// A request under way; it counts until this is dropped.
pub(crate) struct Lease(Arc<Backend>);

impl Lease {
    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.addr
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The least loaded of `backends` that was not `tried` yet.
pub(crate) fn choose(backends: &[Arc<Backend>], tried: &[SocketAddr]) -> Option<Lease> {
    let fresh = backends.iter().filter(|backend| !tried.contains(&backend.addr));
    let best = fresh.min_by_key(|backend| backend.under_way.load(Ordering::Relaxed))?;
    best.under_way.fetch_add(1, Ordering::Relaxed);
    Some(Lease(best.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_loaded_is_chosen_and_leases_end() {
        let backends: Vec<_> = (1..=2).map(|p| Arc::new(Backend::new(([127, 0, 0, 1], p).into()))).collect();
        let first = choose(&backends, &[]).unwrap();
        let second = choose(&backends, &[]).unwrap();
        assert_ne!(first.addr(), second.addr());
        let freed = first.addr();
        drop(first);
        assert_eq!(choose(&backends, &[]).unwrap().addr(), freed);
        assert!(choose(&backends, &[backends[0].addr, backends[1].addr]).is_none());
    }
}
