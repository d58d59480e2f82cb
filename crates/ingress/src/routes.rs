//! Which replicas serve which label.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;

use crate::{balance::Backend, counters::Counters};

type Table = HashMap<String, Arc<Route>>;

/// Who serves a label, and how that goes.
pub(crate) struct Route {
    pub(crate) backends: Vec<Arc<Backend>>,
    /// Of the label, for as long as it is known.
    pub(crate) counters: Arc<Counters>,
}

/// The table of labels. Cheap to clone; all clones are one. Readers never wait.
#[derive(Clone, Default)]
pub struct Routes(Arc<ArcSwap<Table>>);

impl Routes {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says who serves `label`. None at all means that it is known and nobody is ready. Requests under way go on, also
    /// at backends that are no longer listed.
    pub fn set(&self, label: &str, backends: &[SocketAddr]) {
        self.0.rcu(|table| {
            let before = table.get(label);
            let kept =
                |addr: &SocketAddr| before?.backends.iter().find(|backend| backend.addr == *addr).cloned();
            let list =
                backends.iter().map(|addr| kept(addr).unwrap_or_else(|| Arc::new(Backend::new(*addr))));
            let counters = before.map(|route| route.counters.clone()).unwrap_or_default();
            let mut next = Table::clone(table);
            next.insert(label.to_owned(), Arc::new(Route { backends: list.collect(), counters }));
            next
        });
    }

    /// Forgets `label`.
    pub fn remove(&self, label: &str) {
        self.0.rcu(|table| {
            let mut next = Table::clone(table);
            next.remove(label);
            next
        });
    }

    /// Every label, in no order.
    pub fn labels(&self) -> Vec<String> {
        self.0.load().keys().cloned().collect()
    }

    /// Who serves `label`; nothing when it is unknown.
    pub(crate) fn get(&self, label: &str) -> Option<Arc<Route>> {
        self.0.load().get(label).cloned()
    }

    /// Every label with its counters.
    pub(crate) fn counters(&self) -> Vec<(String, Arc<Counters>)> {
        self.0.load().iter().map(|(label, route)| (label.clone(), route.counters.clone())).collect()
    }
}
