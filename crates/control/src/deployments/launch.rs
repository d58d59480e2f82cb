//! What a replica is given.

use std::{collections::BTreeMap, path::PathBuf};

use headwater_compute::{Environment, ReplicaId, ReplicaSpec, Restart, StateFolder};
use headwater_model::{
    DeploymentId, DeploymentSpec, DeploymentType, GitReference, TokenId, WorkspaceId, name,
};
use headwater_store::{Deployment, DeploymentVersion, Secret, Token, TokenKind, Workspace, clock};

use crate::{Error, Result, Settings, core::Core, secrets, tokens::replica_token};

/// Everything that the replicas of a version have in common.
pub(crate) struct Launch {
    pub(crate) workspace: Workspace,
    pub(crate) version: DeploymentVersion,
    pub(crate) environment: Environment,
    /// What the tokens of replicas derive from.
    pub(crate) token: Secret,
}

impl Launch {
    pub(crate) async fn prepare(core: &Core, row: &Deployment, version: DeploymentVersion) -> Result<Self> {
        let environment =
            version.environment.clone().ok_or_else(|| Error::not_found("environment", row.id))?;
        let environment = serde_json::from_value(environment).map_err(headwater_store::Error::from)?;
        let workspace = core.store.read().await?.workspace(&row.workspace).await?;
        let token = sdk_token(core, &row.workspace).await?;
        core.replicas.admit(row.id, &row.workspace);
        Ok(Self { workspace, version, environment, token })
    }

    /// The specification of one replica.
    pub(crate) fn replica(&self, settings: &Settings, row: &Deployment, id: ReplicaId) -> ReplicaSpec {
        let spec = &self.version.spec;
        let folder = |gigabytes| StateFolder {
            path: state_folder(settings, row.id),
            limit_bytes: u64::from(gigabytes) << 30,
        };
        let state = spec.state_size.map(folder);
        ReplicaSpec {
            workspace: row.workspace.clone(),
            environment: self.environment.clone(),
            variables: self.variables(settings, row, &id, state.as_ref()),
            cpu_millicores: spec.cpu_millicores,
            memory_in_mb: spec.memory_in_mb,
            state,
            restart: restart(spec),
            id,
        }
    }

    fn variables(
        &self,
        settings: &Settings,
        row: &Deployment,
        id: &ReplicaId,
        state: Option<&StateFolder>,
    ) -> BTreeMap<String, String> {
        let (spec, version) = (&self.version.spec, &self.version);
        let given = spec.variables.iter().filter(|(_, variable)| !variable.value.is_empty());
        let mut all: BTreeMap<String, String> =
            given.map(|(name, variable)| (name.clone(), variable.value.clone())).collect();
        let mut set = |name: &str, value: String| {
            all.insert(format!("Quix__{name}"), value);
        };
        set("Sdk__Token", replica_token(&self.token, id).expose().to_owned());
        set("Portal__Api", settings.http_url.clone());
        set("Workspace__Id", row.workspace.to_string());
        set("Environment", self.workspace.environment.clone());
        set("Organisation__Id", self.workspace.organisation.to_string());
        set("Deployment__Id", row.id.to_string());
        set("Deployment__Name", row.spec.name.clone());
        set("Deployment__Type", format!("{:?}", spec.deployment_type));
        set("Deployment__ReplicaName", replica_name(&row.spec.name, id));
        set("Deployment__Limits__Replica", row.spec.replicas.to_string());
        set("Deployment__Limits__Memory", spec.memory_in_mb.to_string());
        set("Deployment__Limits__Cpu", spec.cpu_millicores.to_string());
        if let (Some(state), Some(size)) = (state, spec.state_size) {
            set("Deployment__State__Enabled", "true".into());
            set("Deployment__State__Size", size.to_string());
            set("Deployment__State__Type", "Local".into());
            set("Deployment__State__Path", state.path.display().to_string());
        }
        if let Some(url) = public_urls(settings, &row.workspace, spec).into_iter().next() {
            set("Deployment__Network__PublicUrl", url);
        }
        set("Application__Id", spec.application_id.to_string());
        set("Application__Name", version.app.name.clone());
        set("Application__Git__CommitRef", version.commit.clone());
        set("Application__Git__Ref", self.reference());
        set("Build__Id", version.build.clone().unwrap_or_default());
        all
    }

    fn reference(&self) -> String {
        match &self.version.spec.git_reference {
            GitReference::Latest => self.workspace.branch.clone(),
            GitReference::Tag(tag) => tag.clone(),
            GitReference::Commit(commit) => commit.clone(),
        }
    }
}

fn restart(spec: &DeploymentSpec) -> Restart {
    match spec.deployment_type {
        DeploymentType::Service => Restart::Always,
        DeploymentType::Job => Restart::OnError(spec.job_retries),
    }
}

/// `{deployment name as a slug}-{version}-{index}`.
pub(crate) fn replica_name(deployment: &str, id: &ReplicaId) -> String {
    let slug = Some(name::slug(deployment, 40)).filter(|slug| !slug.is_empty());
    format!("{}-{}-{}", slug.as_deref().unwrap_or("deployment"), id.version, id.index)
}

/// The folder that outlives the replicas of a deployment.
pub(crate) fn state_folder(settings: &Settings, id: DeploymentId) -> PathBuf {
    settings.data_dir.join("state").join(id.to_string())
}

/// Public addresses: by host, then by path; none when it is not public.
pub(crate) fn public_urls(
    settings: &Settings,
    workspace: &WorkspaceId,
    spec: &DeploymentSpec,
) -> Vec<String> {
    let Some(prefix) = &spec.url_prefix else { return Vec::new() };
    let label = format!("{prefix}-{workspace}");
    let scheme = settings.http_url.split_once("://").map_or("http", |(scheme, _)| scheme);
    vec![
        format!("{scheme}://{label}.{}/", settings.domain),
        format!("{}/{label}/", settings.public_url.trim_end_matches('/')),
    ]
}

/// The SDK token that deployments of a workspace are given; a new one when it was revoked.
pub(crate) async fn sdk_token(core: &Core, workspace: &WorkspaceId) -> Result<Secret> {
    if let Some(secret) = core.store.read().await?.sdk_secret(workspace).await? {
        return Ok(secret);
    }
    let mut write = core.store.write(workspace).await?;
    if let Some(secret) = write.sdk_secret(workspace).await? {
        return Ok(secret);
    }
    let secret = secrets::fresh("sdk-");
    let token = Token {
        id: TokenId::new(),
        name: "Deployments".into(),
        kind: TokenKind::Sdk(workspace.clone()),
        created_at: clock(),
        last_used_at: None,
        expires_at: None,
    };
    write.create_token(&token, &secrets::hash(secret.expose()), Some(&secret)).await?;
    write.commit().await?;
    core.credentials.reload(&core.store).await?;
    Ok(secret)
}
