//! Sign-in of browsers: a one-time link becomes a session.

use std::sync::Arc;

use headwater_model::{Action, Principal, Resource, Role};
use headwater_store::{Grant, Secret, clock};
use jiff::SignedDuration;

use crate::{Error, Result, core::Core, secrets};

const LINK_LIVES: SignedDuration = SignedDuration::from_hours(24);
const SESSION_LIVES: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Browser sessions.
#[derive(Clone)]
pub struct Sessions {
    pub(crate) core: Arc<Core>,
}

impl Sessions {
    /// A secret that signs the administrator in once, within a day. Only the platform itself may ask.
    pub async fn issue_link(&self, who: &Principal) -> Result<Secret> {
        if !matches!(who, Principal::Platform) {
            self.core.reach(who, Action::Create, &Resource::Organisation, "")?;
            return Err(Error::Forbidden { action: "create", what: "sign-in link" });
        }
        let secret = secrets::fresh("");
        let mut write = self.core.store.write_all().await?;
        let admin = write.users().await?.into_iter().find(|user| user.role == Role::Admin);
        let user = admin.ok_or_else(|| Error::not_found("user", "administrator"))?.id;
        write
            .create_link(&secrets::hash(secret.expose()), &Grant { user, expires_at: clock() + LINK_LIVES })
            .await?;
        write.commit().await?;
        Ok(secret)
    }

    /// Turns a link's secret into a session's, which is valid for thirty days. A link works once.
    pub async fn exchange(&self, link: &str) -> Result<Secret> {
        let secret = secrets::fresh("");
        let mut write = self.core.store.write_all().await?;
        let link = write.take_link(&secrets::hash(link)).await?.ok_or(Error::LinkExpired)?;
        if link.expires_at <= clock() {
            return Err(Error::LinkExpired);
        }
        let session = Grant { user: link.user, expires_at: clock() + SESSION_LIVES };
        write.create_session(&secrets::hash(secret.expose()), &session).await?;
        write.commit().await?;
        Ok(secret)
    }

    /// Who holds this session, when it is valid.
    pub async fn authenticate(&self, session: &str) -> Result<Option<Principal>> {
        let read = self.core.store.read().await?;
        let Some(grant) = read.session(&secrets::hash(session)).await? else { return Ok(None) };
        if grant.expires_at <= clock() {
            return Ok(None);
        }
        let user = read.user(&grant.user).await?;
        Ok(user.map(|user| Principal::User { user: user.id, role: user.role, token: None }))
    }

    /// Ends a session; one that does not exist has ended already.
    pub async fn end(&self, session: &str) -> Result<()> {
        let mut write = self.core.store.write_all().await?;
        write.delete_session(&secrets::hash(session)).await?;
        Ok(write.commit().await?)
    }
}
