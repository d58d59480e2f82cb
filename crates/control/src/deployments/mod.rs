//! Deployments: what should run, the reconciler that makes it so, and what it says.

mod change;
mod difference;
mod edit;
mod history;
mod launch;
mod life;
mod logs;
mod output;
mod reconcile;
mod types;
mod view;

use std::sync::Arc;

use headwater_model::{
    Action, ApplicationId, DeploymentId, DeploymentStatus, Outcome, Principal, Resource, WorkspaceId,
};
use headwater_store::{DeploymentVersion, Write, clock};

pub use difference::FieldChange;
pub use history::{FileChange, FileChangeKind, Version};
pub(crate) use launch::sdk_token;
pub use logs::{Begin, Choice, LogMatch, LogMatches, Pieces, SearchLogs};
pub(crate) use logs::{Tail, follow_log};
pub use output::{DeploymentRun, Download};
pub(crate) use reconcile::{Reconcilers, restored, supervise, wake};
pub use types::{CreateDeployment, Deployment, HIDDEN, LogEntry, LogPage, Replica, UpdateDeployment};

use crate::{
    Error, Result, Seen,
    code::{self, Source},
    core::Core,
    topics,
};

/// Times that a change is tried again because the row moved meanwhile.
const TRIES: usize = 20;

/// Deployments.
#[derive(Clone)]
pub struct Deployments {
    pub(crate) core: Arc<Core>,
}

impl Deployments {
    /// All of a workspace, by name; of one application when it is given.
    pub async fn list(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        application: Option<ApplicationId>,
    ) -> Result<Seen<Vec<Deployment>>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Deployment(workspace.clone()))?;
        let read = self.core.store.read().await?;
        let as_of = read.seq(workspace).await?;
        let viewer = view::Viewer::of(&self.core, &read, workspace).await?;
        let mut all = Vec::new();
        for row in read.deployments(workspace).await? {
            if application.is_none_or(|id| id == row.spec.application_id) {
                let tree = read.version(row.id, row.version).await?.map(|version| version.tree);
                all.push(viewer.view(row, tree.as_deref()));
            }
        }
        all.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        Ok(Seen { as_of, value: all })
    }

    /// One.
    pub async fn get(&self, who: &Principal, id: DeploymentId) -> Result<Seen<Deployment>> {
        let workspace = find(&self.core, who, Action::Read, id).await?.workspace;
        let read = self.core.store.read().await?;
        let as_of = read.seq(&workspace).await?;
        let row = read.deployment(id).await?.ok_or_else(|| Error::not_found("deployment", id))?;
        let tree = read.version(row.id, row.version).await?.map(|version| version.tree);
        let viewer = view::Viewer::of(&self.core, &read, &workspace).await?;
        Ok(Seen { as_of, value: viewer.view(row, tree.as_deref()) })
    }

    /// Asks for a deployment; building and starting follow. Topics of its variables are made when missing.
    pub async fn create(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        asked: CreateDeployment,
    ) -> Result<Deployment> {
        self.core.enter(who, workspace, Action::Create, &Resource::Deployment(workspace.clone()))?;
        let read = self.core.store.read().await?;
        let place = read.workspace(workspace).await?;
        let missing = || Error::not_found("application", asked.application_id);
        let application = read.application(asked.application_id).await?.ok_or_else(missing)?;
        if application.workspace != *workspace {
            return Err(missing());
        }
        let reference = asked.git_reference.clone().unwrap_or_default();
        let source = code::source(&self.core, &place, &application.path, &reference).await?;
        let spec = edit::create(&read, workspace, asked, &source.app.name, &source.app.variables).await?;
        drop(read);

        let now = clock();
        let row = headwater_store::Deployment {
            id: DeploymentId::new(),
            workspace: workspace.clone(),
            version: 1,
            running_version: None,
            commit: source.commit.clone(),
            build: None,
            status: match spec.running {
                true => DeploymentStatus::QueuedForBuild,
                false => DeploymentStatus::Stopped,
            },
            status_reason: None,
            update_status: None,
            deleting: false,
            started_at: None,
            good_version: None,
            rollback: None,
            next_run_at: spec.schedule.as_ref().filter(|_| spec.running).and_then(|plan| plan.next(now)),
            revision: 1,
            wish_revision: 1,
            created_by: person(who),
            created_at: now,
            updated_by: person(who),
            updated_at: now,
            spec,
        };
        let mut write = self.core.store.write(workspace).await?;
        name_is_free(&write, &row).await?;
        let new_topics = ensure_topics(&mut write, &row).await?;
        let row = write.create_deployment(row).await?;
        write.put_version(&version(&row, source, None)).await?;
        write.commit().await?;
        self.announce(row.id, new_topics);
        Ok(self.get(who, row.id).await?.value)
    }

    /// Changes a deployment. What runs is replaced once the change stands ready.
    pub async fn update(
        &self,
        who: &Principal,
        id: DeploymentId,
        change: UpdateDeployment,
    ) -> Result<Deployment> {
        for _ in 0..TRIES {
            if self.try_update(who, id, &change).await? {
                return Ok(self.get(who, id).await?.value);
            }
        }
        Err(Error::Stale { what: "deployment" })
    }

    /// Starts it; a job runs once more.
    pub async fn start(&self, who: &Principal, id: DeploymentId) -> Result<Deployment> {
        self.update(who, id, UpdateDeployment { running: Some(true), ..UpdateDeployment::default() }).await
    }

    /// Ends its replicas.
    pub async fn stop(&self, who: &Principal, id: DeploymentId) -> Result<Deployment> {
        self.update(who, id, UpdateDeployment { running: Some(false), ..UpdateDeployment::default() }).await
    }

    /// Ends its replicas and removes it, with its logs and state.
    pub async fn delete(&self, who: &Principal, id: DeploymentId) -> Result<()> {
        let workspace = find(&self.core, who, Action::Delete, id).await?.workspace;
        let mut write = self.core.store.write(&workspace).await?;
        let mut row = write.deployment(id).await?.ok_or_else(|| Error::not_found("deployment", id))?;
        if !row.deleting {
            row.deleting = true;
            row.status = DeploymentStatus::Deleting;
            row.updated_by = person(who);
            row.updated_at = clock();
            write.save_deployment(row).await?;
            write.commit().await?;
        }
        wake(&self.core, id);
        Ok(())
    }

    /// Its replicas as they are.
    pub async fn replicas(&self, who: &Principal, id: DeploymentId) -> Result<Vec<Replica>> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let mut all = self.core.runtime.list().await?;
        all.retain(|replica| replica.id.deployment == id);
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let named = |status: headwater_compute::ReplicaStatus| Replica {
            name: launch::replica_name(&row.spec.name, &status.id),
            status,
        };
        Ok(all.into_iter().map(named).collect())
    }

    fn announce(&self, id: DeploymentId, new_topics: bool) {
        if new_topics {
            self.core.topics_changed.notify_one();
        }
        wake(&self.core, id);
    }
}

/// A deployment that the caller may treat so.
pub(crate) async fn find(
    core: &Core,
    who: &Principal,
    action: Action,
    id: DeploymentId,
) -> Result<headwater_store::Deployment> {
    let row = core.store.read().await?.deployment(id).await?;
    let row = row.ok_or_else(|| Error::not_found("deployment", id))?;
    core.reach(who, action, &Resource::Deployment(row.workspace.clone()), id)?;
    Ok(row)
}

fn person(who: &Principal) -> Option<String> {
    match who {
        Principal::User { user, .. } => Some(user.clone()),
        _ => None,
    }
}

fn version(
    row: &headwater_store::Deployment,
    source: Source,
    environment: Option<serde_json::Value>,
) -> DeploymentVersion {
    DeploymentVersion {
        deployment: row.id,
        version: row.version,
        spec: row.spec.clone(),
        commit: source.commit,
        tree: source.tree,
        app: source.app,
        path: source.path,
        build: row.build.clone(),
        environment,
        commit_message: source.message,
        outcome: Outcome::Pending,
        outcome_reason: None,
        rolled_back_to: None,
        created_by: row.updated_by.clone(),
        created_at: clock(),
    }
}

async fn name_is_free(write: &Write, row: &headwater_store::Deployment) -> Result<()> {
    let others = write.deployments(&row.workspace).await?;
    match others.iter().any(|other| other.id != row.id && !other.deleting && other.spec.name == row.spec.name)
    {
        true => Err(Error::Taken { what: "deployment name", name: row.spec.name.clone() }),
        false => Ok(()),
    }
}

async fn ensure_topics(write: &mut Write, row: &headwater_store::Deployment) -> Result<bool> {
    let names: Vec<_> = row.spec.inputs().chain(row.spec.outputs()).map(str::to_owned).collect();
    topics::ensure(write, &row.workspace, &names).await
}
