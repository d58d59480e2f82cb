//! Who may enter the broker, and what belongs to whom there.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use headwater_broker::{Access, Credential, ScramKeys};
use headwater_model::{Principal, WorkspaceId};
use headwater_store::{Secret, Store};

use crate::{Result, tokens::Replicas};

/// The broker's view of workspaces: credentials and ownership of names, kept in memory and refreshed on change.
/// A workspace's user name is its id; each replica has a user of its own. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct BrokerAccess {
    known: Arc<ArcSwap<HashMap<WorkspaceId, Known>>>,
    pub(crate) replicas: Replicas,
}

#[derive(Clone)]
struct Known {
    password: Secret,
    keys: ScramKeys,
}

impl BrokerAccess {
    /// Reads the workspaces that stand. Made before the broker, which is given a clone.
    pub async fn open(store: &Store) -> Result<Self> {
        let access = Self::default();
        access.refresh(store).await?;
        Ok(access)
    }

    /// Takes the workspaces anew.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<()> {
        let read = store.read().await?;
        self.replicas.open(&read).await?;
        let rows = read.workspaces().await?;
        let before = self.known.load_full();
        let mut known = HashMap::new();
        for row in rows {
            // Deriving keys takes thousands of hashes, so those of an unchanged password are kept.
            let kept = before.get(&row.id).filter(|known| known.password == row.broker_password).cloned();
            let fresh = || Known {
                keys: ScramKeys::new(row.broker_password.expose()),
                password: row.broker_password.clone(),
            };
            known.insert(row.id.clone(), kept.unwrap_or_else(fresh));
        }
        self.known.store(Arc::new(known));
        Ok(())
    }
}

impl Access for BrokerAccess {
    fn credential(&self, username: &str) -> Option<Credential> {
        let Ok(workspace) = username.parse::<WorkspaceId>() else {
            return self.replicas.credential(username);
        };
        let keys = self.known.load().get(&workspace)?.keys.clone();
        Some(Credential { principal: Principal::Broker { workspace, replica: None }, keys })
    }

    fn owner_of(&self, name: &str) -> Option<WorkspaceId> {
        let known = self.known.load();
        let owns = |id: &&WorkspaceId| id.as_str() == name || id.strip(name).is_some();
        known.keys().filter(owns).max_by_key(|id| id.as_str().len()).cloned()
    }
}
