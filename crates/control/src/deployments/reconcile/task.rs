//! One deployment's task: looks, tells, and has done what follows, over and over.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_compute::{ReplicaId, ReplicaStatus};
use headwater_model::{DeploymentId, DeploymentStatus, Outcome};
use headwater_store::{Build, Deployment, DeploymentVersion, Write, clock};
use tokio::sync::Notify;

use super::{
    build::Running,
    probe::{Measure, Probe},
};
use crate::{
    Result,
    core::Core,
    deployments::life::{self, Facts, Refusal, Told},
};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Failures in a row after which the row tells of them.
const TOLD_AFTER: u32 = 3;

pub(super) struct Task {
    pub(super) core: Arc<Core>,
    pub(super) id: DeploymentId,
    pub(super) build: Option<Running>,
    pub(super) probe: Probe,
    /// How the replicas of each version that has some are measured.
    measures: BTreeMap<u32, Measure>,
    pub(super) refused: Option<Refused>,
    /// Replicas that the runtime was asked for since the platform started: those of before have no variables.
    pub(super) asked: BTreeSet<ReplicaId>,
    /// The public address that leads here.
    pub(super) label: Option<String>,
    /// Why it does not get on.
    failing: Option<String>,
}

/// Starting failed.
pub(super) struct Refused {
    version: u32,
    why: String,
    times: u32,
    pub(super) until: Instant,
}

pub(super) enum Next {
    /// Something was done: look again.
    Again,
    Wait(Duration),
    /// The deployment is no more.
    Gone,
}

impl Task {
    pub(super) fn new(core: Arc<Core>, id: DeploymentId) -> Self {
        Self {
            core,
            id,
            build: None,
            probe: Probe::default(),
            measures: BTreeMap::new(),
            refused: None,
            asked: BTreeSet::new(),
            label: None,
            failing: None,
        }
    }

    pub(super) async fn run(mut self, wake: Arc<Notify>) {
        let mut failures = 0;
        loop {
            let wait = match self.turn().await {
                Ok(Next::Gone) => {
                    self.core.replicas.forget(self.id);
                    break;
                }
                Ok(Next::Again) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(Next::Wait(wait)) => {
                    failures = 0;
                    if self.failing.take().is_some() {
                        // What was told of it no longer holds.
                        continue;
                    }
                    wait
                }
                Err(error) => {
                    tracing::warn!(deployment = %self.id, %error, "a deployment could not be brought further");
                    failures += 1;
                    self.failing = (failures >= TOLD_AFTER)
                        .then(|| format!("The platform tries again and again, and fails: {error}"));
                    pause(failures)
                }
            };
            let _ = tokio::time::timeout(wait, wake.notified()).await;
        }
    }

    /// Looks once and does what follows.
    async fn turn(&mut self) -> Result<Next> {
        // Asked before the rows are read: they do not tell yet of a build that ends in between, which wakes us.
        let under_way = self.build.as_ref().and_then(Running::under_way);
        let Some((row, version, build)) = self.read().await? else {
            return self.leave().await;
        };
        let mut replicas = self.core.runtime.list().await?;
        replicas.retain(|replica| replica.id.deployment == self.id);
        self.asked.retain(|id| replicas.iter().any(|replica| replica.id == *id));
        self.measure(&replicas).await?;
        let found = self.probe.look(&self.core, &row.workspace, &replicas, &self.measures).await;
        let refused = self.refused.take().filter(|refused| refused.version == row.version);
        self.refused = refused.filter(|_| !life::wanted(&row).all(|id| found.ready.contains(&id)));
        let waiting = self.refused.as_ref().filter(|refused| refused.until > Instant::now());
        let mut plan = life::plan(&Facts {
            row: &row,
            built: version.as_ref().is_some_and(|version| version.environment.is_some()),
            build: build.as_ref(),
            building: under_way == Some(row.version),
            replicas: &replicas,
            asked: &self.asked,
            ready: &found.ready,
            ailing: &found.ailing,
            refused: waiting.map(|refused| Refusal { why: &refused.why, times: refused.times }),
            now: clock(),
        });
        if let Some(reason) = plan.roll_back {
            super::undo::roll_back(&self.core, &row, reason).await?;
            return Ok(Next::Again);
        }
        plan.told.reason = plan.told.reason.or_else(|| self.failing.clone());
        if !self.tell(&row, &plan.told).await? {
            return Ok(Next::Again);
        }
        self.route(&row, &plan);
        self.act(&row, plan).await
    }

    /// Learns by what the replicas are to be measured.
    async fn measure(&mut self, replicas: &[ReplicaStatus]) -> Result<()> {
        let present: BTreeSet<u32> = replicas.iter().map(|replica| replica.id.version).collect();
        self.measures.retain(|version, _| present.contains(version));
        let unknown: Vec<_> =
            present.into_iter().filter(|version| !self.measures.contains_key(version)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let read = self.core.store.read().await?;
        for number in unknown {
            if let Some(version) = read.version(self.id, number).await? {
                self.measures.insert(number, Measure::of(&version));
            }
        }
        Ok(())
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
        let good_version = told.good.or(seen.good_version);
        let same = seen.status == told.status
            && seen.status_reason == told.reason
            && seen.update_status == told.update
            && seen.running_version == told.running_version
            && seen.next_run_at == told.next_run
            && seen.good_version == good_version;
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
        row.next_run_at = told.next_run;
        row.good_version = good_version;
        conclude(&mut write, &row, told).await?;
        write.save_deployment(row).await?;
        write.commit().await?;
        Ok(false)
    }

    /// Starting failed: it is tried again after a while.
    pub(super) fn refuse(&mut self, version: u32, why: String) {
        let times = self.refused.as_ref().map_or(0, |refused| refused.times) + 1;
        self.refused = Some(Refused { version, why, times, until: Instant::now() + pause(times) });
    }
}

/// Writes down what became of versions, once it shows.
async fn conclude(write: &mut Write, row: &Deployment, told: &Told) -> Result<()> {
    let failed =
        told.status == DeploymentStatus::BuildFailed || told.update == Some(DeploymentStatus::BuildFailed);
    let failed = failed.then(|| (row.version, Outcome::BuildFailed, told.reason.clone()));
    let good = told.good.map(|version| (version, Outcome::Healthy, None));
    for (number, outcome, reason) in failed.into_iter().chain(good) {
        if let Some(mut version) = write.version(row.id, number).await?
            && version.outcome != outcome
        {
            version.outcome = outcome;
            version.outcome_reason = reason;
            write.put_version(&version).await?;
        }
    }
    Ok(())
}

fn pause(times: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << times.saturating_sub(1).min(6)).min(LONGEST_PAUSE)
}
