//! What a deployment's task does.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures::future::join_all;
use headwater_compute::{LogSource, ReplicaId};
use headwater_store::{Deployment, clock};
use jiff::Timestamp;

use super::{
    LOOK,
    build::Running,
    task::{Next, Task},
};
use crate::{
    Error, Result,
    deployments::{
        launch::{self, Launch},
        life::Plan,
    },
};

/// Time that a replica has to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// Longest that stopping a replica may take in all.
const STOP_LIMIT: Duration = Duration::from_secs(40);

impl Task {
    /// Leads the public address to the replicas that serve.
    pub(super) fn route(&mut self, row: &Deployment, plan: &Plan) {
        let label = row.spec.url_prefix.as_ref().filter(|_| !row.deleting && row.spec.running);
        let label = label.map(|prefix| format!("{prefix}-{}", row.workspace));
        if self.label != label {
            self.lead_away();
            self.label = label;
        }
        if let Some(label) = &self.label {
            let replicas = plan.serve.iter().map(|port| SocketAddr::from(([127, 0, 0, 1], *port)));
            let mut labels = self.core.reconcilers.labels.lock();
            labels.insert(label.clone(), self.id);
            self.core.routes.set(label, &replicas.collect::<Vec<_>>());
        }
    }

    /// Forgets the public address, unless another deployment has it by now.
    fn lead_away(&mut self) {
        let Some(label) = self.label.take() else { return };
        let mut labels = self.core.reconcilers.labels.lock();
        if labels.get(&label) == Some(&self.id) {
            labels.remove(&label);
            self.core.routes.remove(&label);
        }
    }

    pub(super) async fn act(&mut self, row: &Deployment, plan: Plan) -> Result<Next> {
        let unwanted = self.build.take_if(|build| plan.cancel || build.under_way() != Some(row.version));
        if let Some(build) = unwanted {
            build.cancel().await;
        }
        if plan.remove {
            return self.remove(row).await;
        }
        if plan.build {
            self.build = Some(Running::begin(&self.core, row).await?);
            return Ok(Next::Again);
        }
        if !plan.stop.is_empty() {
            self.stop(&plan.stop).await?;
            return Ok(Next::Again);
        }
        if !plan.start.is_empty() {
            self.start(row, plan.start).await?;
            return Ok(Next::Again);
        }
        Ok(Next::Wait(self.wait(plan.told.next_run)))
    }

    /// When to look again, when nothing wakes us before.
    fn wait(&self, next_run: Option<Timestamp>) -> Duration {
        let retry =
            self.refused.as_ref().map(|refused| refused.until.saturating_duration_since(Instant::now()));
        let retry = retry.filter(|wait| !wait.is_zero());
        let due = next_run.map(|at| at.duration_since(clock()).try_into().unwrap_or_default());
        retry.into_iter().chain(self.probe.next()).chain(due).fold(LOOK, Duration::min)
    }

    /// Asks for replicas, each with what its version says; first for those of the version that should run.
    async fn start(&mut self, row: &Deployment, ids: Vec<ReplicaId>) -> Result<()> {
        let mut by_version = BTreeMap::<u32, Vec<ReplicaId>>::new();
        for id in ids {
            by_version.entry(id.version).or_default().push(id);
        }
        for (number, ids) in by_version.into_iter().rev() {
            let version = self.core.store.read().await?.version(self.id, number).await?;
            let version = version.ok_or_else(|| Error::not_found("version", number))?;
            let launch = Launch::prepare(&self.core, row, version).await?;
            for id in ids {
                let replica = launch.replica(&self.core.settings, row, id.clone());
                match self.core.runtime.start(replica).await {
                    Ok(()) => {
                        self.asked.insert(id);
                    }
                    Err(error) if number == row.version => {
                        self.refuse(number, error.to_string());
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    async fn stop(&mut self, ids: &[ReplicaId]) -> Result<()> {
        let stops = ids.iter().map(|id| async {
            match tokio::time::timeout(STOP_LIMIT, self.core.runtime.stop(id, GRACE)).await {
                Ok(done) => done,
                Err(_) => Err(headwater_compute::Error::Io {
                    what: format!("ending replica {}", id.index),
                    source: std::io::ErrorKind::TimedOut.into(),
                }),
            }
        });
        join_all(stops).await.into_iter().collect::<headwater_compute::Result<Vec<()>>>()?;
        Ok(())
    }

    async fn remove(&mut self, row: &Deployment) -> Result<Next> {
        let builds = self.core.store.read().await?.versions(self.id).await?;
        let builds: BTreeSet<_> = builds.into_iter().filter_map(|version| version.build).collect();
        for build in builds {
            self.core.runtime.remove_log(&LogSource::Build(build)).await?;
        }
        self.core.runtime.remove_logs(self.id).await?;
        self.remove_state().await?;
        let mut write = self.core.store.write(&row.workspace).await?;
        write.delete_deployment(self.id).await?;
        write.commit().await?;
        Ok(Next::Gone)
    }

    async fn remove_state(&self) -> Result<()> {
        let folder = launch::state_folder(&self.core.settings, self.id);
        let what = format!("removing {}", folder.display());
        let removed = tokio::task::spawn_blocking(move || headwater_compute::remove_folder(&folder)).await;
        removed.map_err(std::io::Error::other).flatten().map_err(Error::io(what))
    }

    /// The row is gone: whatever still runs in its name ends.
    pub(super) async fn leave(&mut self) -> Result<Next> {
        self.build = None;
        self.lead_away();
        let replicas = self.core.runtime.list().await?;
        for replica in replicas.into_iter().filter(|replica| replica.id.deployment == self.id) {
            self.core.runtime.stop(&replica.id, GRACE).await?;
        }
        Ok(Next::Gone)
    }
}
