//! Access tokens.

use headwater_model::{Principal, Role, TokenId, WorkspaceId};
use headwater_store::{Secret, Token};
use jiff::Timestamp;

use crate::Result;

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
    /// When it stops being accepted; none is never.
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
pub struct Tokens {}

impl Tokens {
    /// Makes a token. The secret is shown this once.
    pub async fn create(&self, _who: &Principal, _token: CreateToken) -> Result<(Token, Secret)> {
        todo!()
    }

    /// A workspace's SDK tokens, or without one the caller's own; expired ones included.
    pub async fn list(&self, _who: &Principal, _workspace: Option<&WorkspaceId>) -> Result<Vec<Token>> {
        todo!()
    }

    /// Revokes a token, at once.
    pub async fn delete(&self, _who: &Principal, _id: TokenId) -> Result<()> {
        todo!()
    }

    /// Who presents this secret, when it is a valid token's. Fast enough for each request.
    pub async fn authenticate(&self, _secret: &str) -> Result<Option<Principal>> {
        todo!()
    }

    /// What the caller's token may say about itself.
    pub async fn details(&self, _who: &Principal) -> Result<TokenDetails> {
        todo!()
    }
}
