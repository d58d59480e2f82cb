//! Makes what runs what the rows say: one task per deployment, woken by wishes, builds and replicas.

mod build;
mod probe;

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use headwater_compute::{ReplicaId, ReplicaStatus};
use headwater_model::DeploymentId;
use headwater_store::{Build, Deployment, DeploymentVersion, clock};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, broadcast::error::RecvError};

use super::{
    launch::{self, Launch},
    plan::{self, Facts, Plan, Told},
};
use crate::{Result, core::Core};
use build::Running;
use probe::Probe;

/// Time that a replica has to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// Longest that stopping a replica may take in all.
const STOP_LIMIT: Duration = Duration::from_secs(40);
/// How often a deployment is looked at when nothing wakes its task.
const LOOK: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Builds at once.
const BUILDERS: usize = 2;

/// The tasks of all deployments.
pub(crate) struct Reconcilers {
    wakes: Mutex<HashMap<DeploymentId, Arc<Notify>>>,
    builders: Arc<Semaphore>,
}

impl Default for Reconcilers {
    fn default() -> Self {
        Self { wakes: Mutex::default(), builders: Arc::new(Semaphore::new(BUILDERS)) }
    }
}

/// Makes a deployment's task look, and starts it first when there is none.
pub(crate) fn wake(core: &Arc<Core>, id: DeploymentId) {
    let mut wakes = core.reconcilers.wakes.lock();
    if let Some(wake) = wakes.get(&id) {
        wake.notify_one();
        return;
    }
    let wake = Arc::new(Notify::new());
    wakes.insert(id, wake.clone());
    drop(wakes);
    let place = Place { core: core.clone(), id };
    let task =
        Task { core: core.clone(), id, build: None, probe: Probe::default(), refused: None, label: None };
    core.spawn(async move {
        let _place = place;
        task.run(wake).await;
    });
}

/// A task's entry among [`Reconcilers`]. It leaves also when the task panics, so that the next wake starts another.
struct Place {
    core: Arc<Core>,
    id: DeploymentId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.reconcilers.wakes.lock().remove(&self.id);
    }
}

/// Wakes tasks when replicas change, and sees to replicas that belong to no deployment.
pub(crate) async fn supervise(core: Arc<Core>) {
    let mut events = core.runtime.events();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => wake(&core, event.id.deployment),
                Err(RecvError::Lagged(_)) => look.reset_immediately(),
                Err(RecvError::Closed) => { look.tick().await; }
            },
            _ = look.tick() => if let Err(error) = look_at_all(&core).await {
                tracing::warn!(%error, "looking at all deployments failed");
            },
        }
    }
}

async fn look_at_all(core: &Arc<Core>) -> Result<()> {
    let rows = core.store.read().await?.all_deployments().await?;
    rows.iter().for_each(|row| wake(core, row.id));
    for replica in core.runtime.list().await? {
        // Tasks of gone deployments find no row and end what is left.
        wake(core, replica.id.deployment);
    }
    Ok(())
}

/// One deployment's task.
struct Task {
    core: Arc<Core>,
    id: DeploymentId,
    build: Option<Running>,
    probe: Probe,
    refused: Option<Refused>,
    /// The public address that leads here.
    label: Option<String>,
}

/// Starting failed.
struct Refused {
    version: u32,
    why: String,
    times: u32,
    until: Instant,
}

enum Next {
    /// Something was done: look again.
    Again,
    Wait(Duration),
    /// The deployment is no more.
    Gone,
}

impl Task {
    async fn run(mut self, wake: Arc<Notify>) {
        let mut failures = 0;
        loop {
            let wait = match self.turn().await {
                Ok(Next::Gone) => break,
                Ok(Next::Again) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(Next::Wait(wait)) => {
                    failures = 0;
                    wait
                }
                Err(error) => {
                    tracing::warn!(deployment = %self.id, %error, "a deployment could not be brought further");
                    failures += 1;
                    pause(failures)
                }
            };
            let _ = tokio::time::timeout(wait, wake.notified()).await;
        }
    }

    /// Looks once and does what follows.
    async fn turn(&mut self) -> Result<Next> {
        let Some((row, version, build)) = self.read().await? else {
            return self.leave().await;
        };
        let mut replicas = self.core.runtime.list().await?;
        replicas.retain(|replica| replica.id.deployment == self.id);
        let ready = self.probe.ready(&row, &replicas).await;
        self.refused = self.refused.take().filter(|refused| refused.version == row.version);
        let waiting = self.refused.as_ref().filter(|refused| refused.until > Instant::now());
        let plan = plan::plan(&Facts {
            row: &row,
            built: version.as_ref().is_some_and(|version| version.environment.is_some()),
            build: build.as_ref(),
            building: self.build.as_ref().is_some_and(|build| build.is_of(row.version)),
            replicas: &replicas,
            ready: &ready,
            refused: waiting.map(|refused| refused.why.as_str()),
            now: clock(),
        });
        if !self.tell(&row, &plan.told).await? {
            return Ok(Next::Again);
        }
        self.route(&row, &plan);
        self.act(&row, version, plan, &replicas, &ready).await
    }

    async fn read(&self) -> Result<Option<(Deployment, Option<DeploymentVersion>, Option<Build>)>> {
        let read = self.core.store.read().await?;
        let Some(row) = read.deployment(self.id).await? else { return Ok(None) };
        let version = read.version(self.id, row.version).await?;
        let build = match &row.build {
            Some(build) => read.build(build).await?,
            None => None,
        };
        Ok(Some((row, version, build)))
    }

    /// Writes what is told to the row. False when the row moved on since it was read.
    async fn tell(&self, seen: &Deployment, told: &Told) -> Result<bool> {
        let same = seen.status == told.status
            && seen.status_reason == told.reason
            && seen.update_status == told.update
            && seen.running_version == told.running_version;
        if same {
            return Ok(true);
        }
        let mut write = self.core.store.write(&seen.workspace).await?;
        let Some(mut row) = write.deployment(self.id).await?.filter(|row| row.revision == seen.revision)
        else {
            return Ok(false);
        };
        if told.running_version.is_some() && told.running_version != row.running_version {
            row.started_at = Some(clock());
        }
        row.status = told.status;
        row.status_reason.clone_from(&told.reason);
        row.update_status = told.update;
        row.running_version = told.running_version;
        write.save_deployment(row).await?;
        write.commit().await?;
        Ok(false)
    }

    fn route(&mut self, row: &Deployment, plan: &Plan) {
        let label = row.spec.url_prefix.as_ref().filter(|_| !row.deleting && row.spec.running);
        let label = label.map(|prefix| format!("{prefix}-{}", row.workspace));
        if self.label != label {
            if let Some(old) = self.label.take() {
                self.core.routes.remove(&old);
            }
            self.label = label;
        }
        if let Some(label) = &self.label {
            let replicas = plan.serve.iter().map(|port| SocketAddr::from(([127, 0, 0, 1], *port)));
            self.core.routes.set(label, &replicas.collect::<Vec<_>>());
        }
    }

    async fn act(
        &mut self,
        row: &Deployment,
        version: Option<DeploymentVersion>,
        plan: Plan,
        replicas: &[ReplicaStatus],
        ready: &BTreeSet<ReplicaId>,
    ) -> Result<Next> {
        if plan.cancel || self.build.as_ref().is_some_and(|build| !build.is_of(row.version)) {
            self.build = None;
        }
        if plan.remove {
            return self.remove(row).await;
        }
        if plan.build {
            self.build = Some(Running::begin(&self.core, row).await?);
            return Ok(Next::Again);
        }
        if !plan.stop.is_empty() {
            self.stop(row, &plan.stop, replicas).await?;
            return Ok(Next::Again);
        }
        if let (false, Some(version)) = (plan.start.is_empty(), version) {
            let launch = Launch::prepare(&self.core, row, version).await?;
            for id in plan.start {
                let replica = launch.replica(&self.core.settings, row, id);
                if let Err(error) = self.core.runtime.start(replica).await {
                    self.refuse(row.version, error.to_string());
                    break;
                }
            }
            return Ok(Next::Again);
        }
        Ok(Next::Wait(self.wait(replicas, ready)))
    }

    /// When to look again, when nothing wakes us before.
    fn wait(&self, replicas: &[ReplicaStatus], ready: &BTreeSet<ReplicaId>) -> Duration {
        let retry =
            self.refused.as_ref().map(|refused| refused.until.saturating_duration_since(Instant::now()));
        let retry = retry.filter(|wait| !wait.is_zero());
        let probe = self.probe.next(replicas, ready);
        retry.into_iter().chain(probe).fold(LOOK, Duration::min)
    }

    async fn stop(&mut self, row: &Deployment, ids: &[ReplicaId], replicas: &[ReplicaStatus]) -> Result<()> {
        for replica in replicas.iter().filter(|replica| ids.contains(&replica.id)) {
            // A service's replica that ended for good is not made anew at once, or it would be for ever.
            if let headwater_compute::ReplicaState::Ended { exit } = &replica.state
                && row.spec.running
                && !row.deleting
                && replica.id.version == row.version
            {
                self.refuse(row.version, format!("Replica {} ended: {}", replica.id.index, exit.reason));
            }
        }
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

    fn refuse(&mut self, version: u32, why: String) {
        let times = self.refused.as_ref().map_or(0, |refused| refused.times) + 1;
        self.refused = Some(Refused { version, why, times, until: Instant::now() + pause(times) });
    }

    async fn remove(&mut self, row: &Deployment) -> Result<Next> {
        self.core.runtime.remove_logs(self.id).await?;
        remove_state(&self.core, self.id).await?;
        let mut write = self.core.store.write(&row.workspace).await?;
        write.delete_deployment(self.id).await?;
        write.commit().await?;
        Ok(Next::Gone)
    }

    /// The row is gone: whatever still runs in its name ends.
    async fn leave(&mut self) -> Result<Next> {
        self.build = None;
        if let Some(label) = self.label.take() {
            self.core.routes.remove(&label);
        }
        let replicas = self.core.runtime.list().await?;
        for replica in replicas.into_iter().filter(|replica| replica.id.deployment == self.id) {
            self.core.runtime.stop(&replica.id, GRACE).await?;
        }
        Ok(Next::Gone)
    }
}

async fn remove_state(core: &Core, id: DeploymentId) -> Result<()> {
    let folder = launch::state_folder(&core.settings, id);
    match tokio::fs::remove_dir_all(&folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(crate::Error::io(format!("removing {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

fn pause(times: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << times.saturating_sub(1).min(6)).min(LONGEST_PAUSE)
}
