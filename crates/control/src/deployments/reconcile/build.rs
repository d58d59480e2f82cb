//! Builds: at most two at once, each a row with a log of its own.

use std::{path::PathBuf, sync::Arc, time::Duration};

use headwater_compute::{BuildSpec, Environment, LogSource};
use headwater_store::{Build, BuildStatus, Deployment, DeploymentVersion, clock};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{Error, Result, code, core::Core};

/// Longest that a build may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A build under way; dropping it cancels it.
pub(super) struct Running {
    version: u32,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// Queues a build of the version that should run, under the build id that the row has or a fresh one.
    pub(super) async fn begin(core: &Arc<Core>, row: &Deployment) -> Result<Self> {
        let mut write = core.store.write(&row.workspace).await?;
        let found = write.deployment(row.id).await?.filter(|now| now.version == row.version);
        let mut row = found.ok_or_else(|| Error::not_found("deployment", row.id))?;
        let mut version = write
            .version(row.id, row.version)
            .await?
            .ok_or_else(|| Error::not_found("version", row.version))?;
        let build = Build {
            id: row.build.clone().unwrap_or_else(|| Uuid::now_v7().to_string()),
            workspace: row.workspace.clone(),
            deployment: row.id,
            version: row.version,
            status: BuildStatus::Queued,
            reason: None,
            created_at: clock(),
            started_at: None,
            ended_at: None,
        };
        write.put_build(&build).await?;
        let replaced = version.build.clone().filter(|before| *before != build.id);
        if row.build.as_ref() != Some(&build.id) {
            row.build = Some(build.id.clone());
            version.build.clone_from(&row.build);
            write.put_version(&version).await?;
            row = write.save_deployment(row).await?;
        }
        write.commit().await?;
        if let Some(before) = replaced
            && let Err(error) = core.runtime.remove_log(&LogSource::Build(before)).await
        {
            tracing::warn!(deployment = %row.id, %error, "the log of the build before could not be removed");
        }
        let (core_, number) = (core.clone(), row.version);
        let task = core.spawn(async move {
            let id = build.deployment;
            if let Err(error) = run(&core_, build, version).await {
                tracing::error!(deployment = %id, %error, "the outcome of a build could not be kept");
            }
            super::wake(&core_, id);
        });
        Ok(Self { version: number, task })
    }

    /// Ends it, and waits until nothing of it writes any more.
    pub(super) async fn cancel(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// The version that it is for, while it goes on.
    pub(super) fn under_way(&self) -> Option<u32> {
        (!self.task.is_finished()).then_some(self.version)
    }
}

async fn run(core: &Arc<Core>, mut build: Build, version: DeploymentVersion) -> Result<()> {
    let builders = core.reconcilers.builders.clone();
    let waiting = core.builds.wait();
    let _place = builders.acquire_owned().await.expect("the builders are never closed");
    let running = waiting.begin();
    build.status = BuildStatus::Running;
    build.started_at = Some(clock());
    keep(core, &build, None).await?;
    super::wake(core, build.deployment);

    // Of its own: what a cancelled build of the same id leaves may still be on its way out.
    let source = Source(core.settings.data_dir.join("tmp").join(Uuid::now_v7().to_string()));
    let outcome = match tokio::time::timeout(LIMIT, make(core, &build, &version, &source)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::Compute(headwater_compute::Error::Build(format!(
            "The build was ended after {} minutes.",
            LIMIT.as_secs() / 60
        )))),
    };
    build.ended_at = Some(clock());
    running.end(outcome.is_ok());
    match outcome {
        Ok(environment) => {
            build.status = BuildStatus::Succeeded;
            keep(core, &build, Some(environment)).await
        }
        Err(error) => {
            build.status = BuildStatus::Failed;
            build.reason = Some(error.to_string());
            keep(core, &build, None).await
        }
    }
}

async fn make(
    core: &Arc<Core>,
    build: &Build,
    version: &DeploymentVersion,
    source: &Source,
) -> Result<Environment> {
    let workspace = core.store.read().await?.workspace(&build.workspace).await?;
    code::export(core, &workspace.project, version, &source.0).await?;
    let spec = BuildSpec {
        build_id: build.id.clone(),
        workspace: build.workspace.clone(),
        application: version.app.clone(),
        source: source.0.clone(),
        source_id: version.tree.clone(),
    };
    Ok(core.builder.build(&spec).await?)
}

async fn keep(core: &Core, build: &Build, made: Option<Environment>) -> Result<()> {
    let mut write = core.store.write(&build.workspace).await?;
    // A deployment that was removed meanwhile has no place for its builds.
    if write.deployment(build.deployment).await?.is_none() {
        return Ok(());
    }
    write.put_build(build).await?;
    // Read anew: the version may have moved to another commit of the same content meanwhile.
    if let Some(environment) = made
        && let Some(mut version) = write.version(build.deployment, build.version).await?
    {
        version.environment = Some(serde_json::to_value(environment).map_err(headwater_store::Error::from)?);
        write.put_version(&version).await?;
    }
    Ok(write.commit().await?)
}

/// A folder of exported files that goes away with the build.
struct Source(PathBuf);

impl Drop for Source {
    fn drop(&mut self) {
        let folder = std::mem::take(&mut self.0);
        // A build may be dropped wherever its task is, and a folder of files takes its time.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = headwater_compute::remove_folder(&folder) {
                tracing::warn!(folder = %folder.display(), %error, "a build's sources could not be removed");
            }
        });
    }
}
