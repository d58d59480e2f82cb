//! Deployments as callers read them.

use std::collections::HashMap;

use headwater_compute::{ReplicaState, ReplicaStatus};
use headwater_model::{DeploymentSpec, InputType};
use headwater_store::{Application, User};

use super::{
    launch::public_urls,
    types::{Deployment, HIDDEN},
};
use crate::{Result, core::Core};

/// What views of several deployments are made from.
pub(super) struct Viewer<'a> {
    core: &'a Core,
    applications: HashMap<headwater_model::ApplicationId, Application>,
    users: HashMap<String, User>,
    replicas: Vec<ReplicaStatus>,
}

impl<'a> Viewer<'a> {
    pub(super) async fn of(
        core: &'a Core,
        read: &headwater_store::Read,
        workspace: &headwater_model::WorkspaceId,
    ) -> Result<Self> {
        let applications = read.applications(workspace).await?.into_iter().map(|app| (app.id, app)).collect();
        let users = read.users().await?.into_iter().map(|user| (user.id.clone(), user)).collect();
        Ok(Self { core, applications, users, replicas: core.runtime.list().await? })
    }

    /// One deployment; `trees` has the content ids that its version runs.
    pub(super) fn view(&self, row: headwater_store::Deployment, tree: Option<&str>) -> Deployment {
        let application = self.applications.get(&row.spec.application_id);
        let serving = row.running_version.unwrap_or(row.version);
        let replicas = self.replicas.iter().filter(|replica| replica.id.deployment == row.id);
        let of_version: Vec<_> = replicas.filter(|replica| replica.id.version == serving).collect();
        let running = |replica: &&&ReplicaStatus| matches!(replica.state, ReplicaState::Running { .. });
        let head = application.and_then(|application| application.tree.as_deref());
        Deployment {
            application_name: application.map(|app| app.name().to_owned()).unwrap_or_default(),
            application_is_missing: application.is_none(),
            out_of_date: head.is_some() && tree.is_some() && head != tree,
            restarts: of_version.iter().map(|replica| replica.restarts).sum(),
            running_replicas: u32::try_from(of_version.iter().filter(running).count()).unwrap_or(u32::MAX),
            public_urls: public_urls(&self.core.settings, &row.workspace, &row.spec),
            created_by: row.created_by.as_ref().and_then(|id| self.users.get(id)).cloned(),
            updated_by: row.updated_by.as_ref().and_then(|id| self.users.get(id)).cloned(),
            id: row.id,
            workspace_id: row.workspace,
            spec: masked(row.spec),
            status: row.status,
            status_reason: row.status_reason,
            update_status: row.update_status,
            version: row.version,
            running_version: row.running_version,
            commit: row.commit,
            build_id: row.build,
            started_at: row.started_at,
            rollback: row.rollback,
            next_run_at: row.next_run_at,
            revision: row.revision,
            wish_revision: row.wish_revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A specification whose hidden values do not show.
pub(super) fn masked(mut spec: DeploymentSpec) -> DeploymentSpec {
    for variable in spec.variables.values_mut() {
        if is_hidden(variable.input_type) && !variable.value.is_empty() {
            variable.value = HIDDEN.into();
        }
    }
    spec
}

/// Whether values of this kind are not shown.
pub(super) fn is_hidden(kind: InputType) -> bool {
    matches!(kind, InputType::HiddenText | InputType::Secret)
}
