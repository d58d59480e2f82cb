//! Sign-in of browsers: a one-time link becomes a session.

use headwater_model::Principal;
use headwater_store::Secret;

use crate::Result;

/// Browser sessions.
#[derive(Clone)]
pub struct Sessions {}

impl Sessions {
    /// A secret that signs the administrator in once, within a day. Only the platform itself may ask.
    pub async fn issue_link(&self, _who: &Principal) -> Result<Secret> {
        todo!()
    }

    /// Turns a link's secret into a session's, which is valid for thirty days. A link works once.
    pub async fn exchange(&self, _link: &str) -> Result<Secret> {
        todo!()
    }

    /// Who holds this session, when it is valid.
    pub async fn authenticate(&self, _session: &str) -> Result<Option<Principal>> {
        todo!()
    }

    /// Ends a session; one that does not exist has ended already.
    pub async fn end(&self, _session: &str) -> Result<()> {
        todo!()
    }
}
