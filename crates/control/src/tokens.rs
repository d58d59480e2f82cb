//! Access tokens.

mod credentials;
mod limits;
mod replicas;

use std::sync::Arc;

use headwater_model::{Action, Invalid, Principal, Resource, Role, TokenId, WorkspaceId, name};
use headwater_store::{Secret, Token, TokenKind, Write, clock};
use jiff::Timestamp;

pub(crate) use credentials::Credentials;
pub(crate) use replicas::{Replicas, token as replica_token};

use crate::{Error, Result, core::Core, secrets};

/// What a new token should stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFor {
    /// A workspace's SDK token (`sdk-…`).
    Sdk(WorkspaceId),
    /// The caller's own (`pat-…`), with at most their role. The platform itself makes one for the administrator.
    Personal {
        /// The role it acts with; none is the person's.
        role: Option<Role>,
    },
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct CreateToken {
    /// Shown name.
    pub name: String,
    /// What it should stand for.
    pub kind: TokenFor,
    /// When it stops being accepted; none is never. One made with a token ends with that at the latest.
    pub expires_at: Option<Timestamp>,
}

/// What a token may say about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDetails {
    /// The token used; none for a session.
    pub token: Option<Token>,
    /// The person behind it.
    pub user: Option<String>,
    /// The role it acts with.
    pub role: Option<Role>,
    /// The workspace that it is bound to.
    pub workspace: Option<WorkspaceId>,
    /// The organisation.
    pub organisation: String,
}

/// Tokens.
#[derive(Clone)]
pub struct Tokens {
    pub(crate) core: Arc<Core>,
}

impl Tokens {
    /// Makes a token. The secret is shown this once.
    pub async fn create(&self, who: &Principal, token: CreateToken) -> Result<(Token, Secret)> {
        let workspace = match &token.kind {
            TokenFor::Sdk(workspace) => {
                self.core.enter(who, workspace, Action::Create, &Resource::Tokens(workspace.clone()))?;
                Some(workspace.clone())
            }
            TokenFor::Personal { .. } => {
                self.core.reach(who, Action::Create, &Resource::Profile, "")?;
                None
            }
        };
        name::display("name", &token.name)?;
        if token.expires_at.is_some_and(|at| at <= clock()) {
            return Err(Invalid::new("expiresAt", "must be in the future").into());
        }
        let mut write = match &workspace {
            Some(workspace) => self.core.store.write(workspace).await?,
            None => self.core.store.write_all().await?,
        };
        let (kind, prefix) = match (token.kind, workspace) {
            (TokenFor::Personal { role }, _) => (limits::personal(who, role, write.users().await?)?, "pat-"),
            (TokenFor::Sdk(workspace), _) => (TokenKind::Sdk(workspace), "sdk-"),
        };
        let secret = secrets::fresh(prefix);
        let created = Token {
            id: TokenId::new(),
            name: token.name,
            kind,
            created_at: clock(),
            last_used_at: None,
            expires_at: limits::until(who, token.expires_at, &write).await?,
        };
        write.create_token(&created, &secrets::hash(secret.expose()), None).await?;
        self.settle(write).await?;
        Ok((created, secret))
    }

    /// A workspace's SDK tokens, or without one the caller's own; expired ones included.
    pub async fn list(&self, who: &Principal, workspace: Option<&WorkspaceId>) -> Result<Vec<Token>> {
        match workspace {
            Some(ws) => self.core.enter(who, ws, Action::Read, &Resource::Tokens(ws.clone()))?,
            None => self.core.reach(who, Action::Read, &Resource::Profile, "")?,
        }
        let read = self.core.store.read().await?;
        if let Some(workspace) = workspace {
            read.seq(workspace).await?;
        }
        let wanted = |token: &Token| match (&token.kind, workspace) {
            (TokenKind::Sdk(of), Some(workspace)) => of == workspace,
            (TokenKind::Personal { user, .. }, None) => owns(who, user),
            _ => false,
        };
        Ok(read.tokens().await?.into_iter().map(|(_, token)| token).filter(wanted).collect())
    }

    /// Revokes a token, at once. A token never revokes one that may do more.
    pub async fn delete(&self, who: &Principal, id: TokenId) -> Result<()> {
        let all = self.core.store.read().await?.tokens().await?;
        let found = all.into_iter().map(|(_, token)| token).find(|token| token.id == id);
        let token = found.ok_or_else(|| Error::not_found("token", id))?;
        let mut write = match &token.kind {
            TokenKind::Sdk(workspace) => {
                self.core.reach(who, Action::Delete, &Resource::Tokens(workspace.clone()), id)?;
                self.core.store.write(workspace).await?
            }
            TokenKind::Personal { user, .. } if owns(who, user) => {
                limits::may_revoke(who, &token, &self.core.store.read().await?).await?;
                self.core.store.write_all().await?
            }
            TokenKind::Personal { .. } => {
                self.core
                    .permits(who, Action::Delete, &Resource::Organisation)
                    .then_some(())
                    .ok_or_else(|| Error::not_found("token", id))?;
                self.core.store.write_all().await?
            }
        };
        write.delete_token(id).await?;
        self.settle(write).await
    }

    /// Commits, and takes the tokens anew: both, even when the caller goes away in between. A token that is revoked in
    /// the store alone would go on being accepted.
    async fn settle(&self, write: Write) -> Result<()> {
        let core = self.core.clone();
        let task = self.core.tasks.spawn(async move {
            write.commit().await?;
            core.credentials.reload(&core.store).await
        });
        match task.await {
            Ok(done) => done,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(Error::io("keeping tokens")(std::io::Error::other(error))),
        }
    }

    /// Who presents this secret, when it is a valid token's. Fast enough for each request.
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Principal>> {
        Ok(self.core.credentials.authenticate(secret))
    }

    /// What the caller's token may say about itself.
    pub async fn details(&self, who: &Principal) -> Result<TokenDetails> {
        let read = self.core.store.read().await?;
        let organisation = read.organisations().await?.first().map(ToString::to_string).unwrap_or_default();
        let (id, user, role, workspace) = match who {
            Principal::User { user, role, token } => (*token, Some(user.clone()), Some(*role), None),
            Principal::Sdk { workspace, token, .. } => (Some(*token), None, None, Some(workspace.clone())),
            Principal::Broker { workspace, .. } => (None, None, None, Some(workspace.clone())),
            Principal::Platform => (None, None, None, None),
        };
        let all = read.tokens().await?;
        let token = all.into_iter().map(|(_, token)| token).find(|token| Some(token.id) == id);
        Ok(TokenDetails { token, user, role, workspace, organisation })
    }
}

fn owns(who: &Principal, owner: &str) -> bool {
    match who {
        Principal::User { user, .. } => user == owner,
        Principal::Platform => true,
        _ => false,
    }
}
