//! All valid tokens in memory, so that each request is told apart without a query.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use headwater_model::{Principal, Role, TokenId};
use headwater_store::{Store, TokenKind, clock};
use jiff::Timestamp;
use parking_lot::Mutex;

use super::Replicas;
use crate::{Result, secrets};

/// A snapshot of tokens by hash, replaced whole on each change, and who was seen lately.
#[derive(Default)]
pub(crate) struct Credentials {
    known: ArcSwap<HashMap<String, Known>>,
    /// Held while reloading, so that an older snapshot never replaces a newer.
    reloading: tokio::sync::Mutex<()>,
    used: Mutex<HashMap<TokenId, Timestamp>>,
    /// Those that derive from tokens.
    replicas: Replicas,
}

struct Known {
    principal: Principal,
    token: TokenId,
    expires_at: Option<Timestamp>,
}

impl Credentials {
    pub(crate) fn new(replicas: Replicas) -> Self {
        Self { replicas, ..Self::default() }
    }

    /// Takes all tokens anew; a revoked one is refused from here on.
    pub(crate) async fn reload(&self, store: &Store) -> Result<()> {
        let _one_at_a_time = self.reloading.lock().await;
        let read = store.read().await?;
        let roles: HashMap<_, _> = read.users().await?.into_iter().map(|user| (user.id, user.role)).collect();
        let mut known = HashMap::new();
        for (hash, token) in read.tokens().await? {
            let principal = match token.kind {
                TokenKind::Sdk(workspace) => Principal::Sdk { workspace, token: token.id, replica: None },
                TokenKind::Personal { user, role } => {
                    let person = roles.get(&user).copied().unwrap_or(Role::None);
                    let role = std::cmp::min_by_key(role, person, |role| rank(*role));
                    Principal::User { user, role, token: Some(token.id) }
                }
            };
            known.insert(hash, Known { principal, token: token.id, expires_at: token.expires_at });
        }
        self.replicas.reload(&read).await?;
        self.known.store(Arc::new(known));
        Ok(())
    }

    /// Who presents this secret. A replica's holds like the one that it derives from.
    pub(crate) fn authenticate(&self, secret: &str) -> Option<Principal> {
        let Some((id, root)) = self.replicas.bearer(secret) else { return self.look_up(secret) };
        match self.look_up(root.expose())? {
            Principal::Sdk { workspace, token, .. } => {
                Some(Principal::Sdk { workspace, token, replica: Some(id) })
            }
            _ => None,
        }
    }

    /// Whose secret this is. The look-up is by hash, whose bits an attacker cannot steer, so its timing tells nothing.
    fn look_up(&self, secret: &str) -> Option<Principal> {
        let all = self.known.load();
        let known = all.get(&secrets::hash(secret))?;
        let now = clock();
        if known.expires_at.is_some_and(|at| at <= now) {
            return None;
        }
        self.used.lock().insert(known.token, now);
        Some(known.principal.clone())
    }

    /// Writes down when tokens were last used.
    pub(crate) async fn flush(&self, store: &Store) -> Result<()> {
        let used: Vec<_> = self.used.lock().drain().collect();
        if used.is_empty() {
            return Ok(());
        }
        let mut write = store.write_all().await?;
        write.tokens_used(&used).await?;
        Ok(write.commit().await?)
    }
}

/// How much a role may do, to compare two.
pub(crate) fn rank(role: Role) -> u8 {
    match role {
        Role::None => 0,
        Role::Viewer => 1,
        Role::Editor => 2,
        Role::Manager => 3,
        Role::Admin => 4,
    }
}
