//! Which replicas serve which label.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;

use crate::balance::Backend;

type Table = HashMap<String, Arc<[Arc<Backend>]>>;

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
            let kept = |addr: &SocketAddr| before?.iter().find(|backend| backend.addr == *addr).cloned();
            let list =
                backends.iter().map(|addr| kept(addr).unwrap_or_else(|| Arc::new(Backend::new(*addr))));
            let mut next = Table::clone(table);
            next.insert(label.to_owned(), list.collect());
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
    pub(crate) fn get(&self, label: &str) -> Option<Arc<[Arc<Backend>]>> {
        self.0.load().get(label).cloned()
    }
}
