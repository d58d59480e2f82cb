//! A token and a Kafka user for each replica, derived from the token that the deployments of its workspace are given.
//!
//! Nothing of them is kept. They hold for as long as their deployment exists and the token that they derive from stands.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use headwater_broker::{Credential, ScramKeys};
use headwater_model::{DeploymentId, Principal, ReplicaId, WorkspaceId};
use headwater_store::{Read, Secret};
use hmac::{Hmac, Mac};
use parking_lot::{Mutex, RwLock};
use sha2::Sha256;

use crate::{Result, secrets};

const PREFIX: &str = "sdk-";
/// What is derived; one never serves as another.
const TOKEN: &str = "token";
const PASSWORD: &str = "password";
const SALT: &str = "salt";
/// Users whose keys are kept; they are derived anew when there are more.
const KEYS_MAX: usize = 4096;

/// Who replicas are. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Replicas {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    deployments: RwLock<HashMap<DeploymentId, WorkspaceId>>,
    /// The secrets that deployments are given.
    roots: ArcSwap<HashMap<WorkspaceId, Secret>>,
    keys: Mutex<HashMap<ReplicaId, (Secret, ScramKeys)>>,
}

impl Replicas {
    /// Takes the deployments that exist, beside those that are known.
    pub(crate) async fn open(&self, read: &Read) -> Result<()> {
        let rows = read.all_deployments().await?;
        self.inner.deployments.write().extend(rows.into_iter().map(|row| (row.id, row.workspace)));
        self.reload(read).await
    }

    /// Takes the secrets anew that deployments are given: what derives from a revoked one is refused from here on.
    pub(crate) async fn reload(&self, read: &Read) -> Result<()> {
        let mut roots = HashMap::new();
        for row in read.workspaces().await? {
            if let Some(secret) = read.sdk_secret(&row.id).await? {
                roots.insert(row.id, secret);
            }
        }
        self.inner.roots.store(Arc::new(roots));
        Ok(())
    }

    /// A deployment is about to have replicas.
    pub(crate) fn admit(&self, deployment: DeploymentId, workspace: &WorkspaceId) {
        self.inner.deployments.write().insert(deployment, workspace.clone());
    }

    /// A deployment is no more: what its replicas hold is refused from here on.
    pub(crate) fn forget(&self, deployment: DeploymentId) {
        self.inner.deployments.write().remove(&deployment);
        self.inner.keys.lock().retain(|id, _| id.deployment != deployment);
    }

    /// The workspace of a deployment that exists.
    pub(crate) fn workspace(&self, deployment: DeploymentId) -> Option<WorkspaceId> {
        self.inner.deployments.read().get(&deployment).cloned()
    }

    /// Whose token this is, and the secret that it stands and falls with; none when it is no replica's.
    pub(super) fn bearer(&self, token: &str) -> Option<(ReplicaId, Secret)> {
        let (place, proof) = token.strip_prefix(PREFIX)?.rsplit_once('.')?;
        let id = parse(place)?;
        let (_, root) = self.root(&id)?;
        let given = secrets::from_hex(proof)?;
        mac(&root, TOKEN, &id).verify_slice(&given).ok()?;
        Some((id, root))
    }

    /// The Kafka user of a replica, and its password.
    pub(crate) fn user(&self, id: &ReplicaId) -> Option<(String, Secret)> {
        let (workspace, root) = self.root(id)?;
        Some((format!("{workspace}.{}", text(id)), password(&root, id)))
    }

    /// What a replica's Kafka user stands for. Takes milliseconds when it was not asked before.
    pub(crate) fn credential(&self, user: &str) -> Option<Credential> {
        let (workspace, place) = user.split_once('.')?;
        let id = parse(place)?;
        let (owner, root) = self.root(&id)?;
        if owner.as_str() != workspace {
            return None;
        }
        let password = password(&root, &id);
        let kept = self.inner.keys.lock().get(&id).filter(|(of, _)| *of == password).cloned();
        let keys = match kept {
            Some((_, keys)) => keys,
            None => self.derive(&id, password, &root),
        };
        Some(Credential { principal: Principal::Broker { workspace: owner, replica: Some(id) }, keys })
    }

    fn derive(&self, id: &ReplicaId, password: Secret, root: &Secret) -> ScramKeys {
        let salt = mac(root, SALT, id).finalize().into_bytes()[..24].to_vec();
        let keys = ScramKeys::derive(password.expose(), salt, ScramKeys::ITERATIONS);
        let mut kept = self.inner.keys.lock();
        if kept.len() >= KEYS_MAX {
            kept.clear();
        }
        kept.insert(id.clone(), (password, keys.clone()));
        keys
    }

    fn root(&self, id: &ReplicaId) -> Option<(WorkspaceId, Secret)> {
        let workspace = self.inner.deployments.read().get(&id.deployment)?.clone();
        let root = self.inner.roots.load().get(&workspace)?.clone();
        Some((workspace, root))
    }
}

/// The token of a replica, from the one that deployments of its workspace are given.
pub(crate) fn token(root: &Secret, id: &ReplicaId) -> Secret {
    let proof = secrets::hex(&mac(root, TOKEN, id).finalize().into_bytes());
    Secret::new(format!("{PREFIX}{}.{proof}", text(id)))
}

fn password(root: &Secret, id: &ReplicaId) -> Secret {
    Secret::new(secrets::hex(&mac(root, PASSWORD, id).finalize().into_bytes()))
}

fn mac(root: &Secret, purpose: &str, id: &ReplicaId) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(root.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{purpose}/{}", text(id)).as_bytes());
    mac
}

fn text(id: &ReplicaId) -> String {
    format!("{}.{}.{}", id.deployment, id.version, id.index)
}

/// Reads what [`text`] writes, and nothing else: one replica has one name.
fn parse(place: &str) -> Option<ReplicaId> {
    let mut parts = place.split('.');
    let id = ReplicaId {
        deployment: parts.next()?.parse().ok()?,
        version: parts.next()?.parse().ok()?,
        index: parts.next()?.parse().ok()?,
    };
    (text(&id) == place).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ReplicaId {
        ReplicaId { deployment: DeploymentId::new(), version: 3, index: 1 }
    }

    fn known(id: &ReplicaId, root: &str) -> Replicas {
        let replicas = Replicas::default();
        let workspace: WorkspaceId = "acme-demo-prod".parse().unwrap();
        replicas.admit(id.deployment, &workspace);
        replicas.inner.roots.store(Arc::new(HashMap::from([(workspace, Secret::new(root))])));
        replicas
    }

    #[test]
    fn a_token_holds_for_its_replica_alone() {
        let (id, root) = (id(), Secret::new("sdk-root"));
        let replicas = known(&id, root.expose());
        let token = token(&root, &id);
        assert_eq!(replicas.bearer(token.expose()), Some((id.clone(), root.clone())));
        let other = ReplicaId { index: 2, ..id.clone() };
        let proof = token.expose().rsplit_once('.').unwrap().1;
        let forged = format!("{PREFIX}{}.{proof}", text(&other));
        for bad in [forged.as_str(), "sdk-root", "sdk-", "sdk-a.b.c.d", &token.expose()[1..]] {
            assert_eq!(replicas.bearer(bad), None, "{bad}");
        }
        assert_eq!(known(&id, "sdk-next").bearer(token.expose()), None);
        replicas.forget(id.deployment);
        assert_eq!(replicas.bearer(token.expose()), None);
    }

    #[test]
    fn a_user_is_its_replica_until_its_deployment_goes() {
        let id = id();
        let replicas = known(&id, "sdk-root");
        let (user, password) = replicas.user(&id).unwrap();
        let credential = replicas.credential(&user).unwrap();
        assert!(credential.keys.verify(password.expose()) && !credential.keys.verify("sdk-root"));
        assert_eq!(credential.principal.replica(), Some(&id));
        assert_eq!(replicas.credential(&user).unwrap().keys, credential.keys);
        assert!(replicas.credential(&user.replace("prod", "test")).is_none());
        assert!(replicas.credential(&user.replace(".3.", ".03.")).is_none());
        replicas.forget(id.deployment);
        assert!(replicas.credential(&user).is_none() && replicas.user(&id).is_none());
    }
}
