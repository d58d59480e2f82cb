//! Which names a principal reaches.

use std::sync::Arc;

use headwater_model::{Action, Authorize, Principal, Resource, WorkspaceId};

use super::Access;

/// Decides by the owner of a name and the policy. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gate {
    access: Arc<dyn Access>,
    authorize: Arc<dyn Authorize>,
}

impl Gate {
    pub(crate) fn new(access: Arc<dyn Access>, authorize: Arc<dyn Authorize>) -> Self {
        Self { access, authorize }
    }

    pub(crate) fn access(&self) -> Arc<dyn Access> {
        self.access.clone()
    }

    /// The workspace that a name without a recorded owner belongs to.
    pub(crate) fn owner_of(&self, name: &str) -> Option<WorkspaceId> {
        self.access.owner_of(name)
    }

    /// Whether `who` may do `action` on a thing of this owner; what nobody owns is the platform's.
    pub(crate) fn owned(&self, who: &Principal, action: Action, owner: Option<&WorkspaceId>) -> bool {
        match owner {
            Some(owner) => self.authorize.allowed(who, action, &Resource::Topic(owner.clone())),
            None => *who == Principal::Platform,
        }
    }

    /// Whether `who` may do `action` on a group, a transactional id or a topic that does not exist.
    pub(crate) fn name(&self, who: &Principal, action: Action, name: &str) -> bool {
        *who == Principal::Platform || self.owned(who, action, self.access.owner_of(name).as_ref())
    }
}
