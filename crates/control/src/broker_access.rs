//! Who may enter the broker, and what belongs to whom there.

use headwater_store::Store;

use crate::Result;

/// The broker's view of workspaces: credentials and ownership of names, kept in memory and refreshed on change.
#[derive(Clone)]
pub struct BrokerAccess {}

impl BrokerAccess {
    /// Reads the workspaces that stand. Made before the broker, which is given a clone.
    pub async fn open(_store: &Store) -> Result<Self> {
        todo!()
    }
}
