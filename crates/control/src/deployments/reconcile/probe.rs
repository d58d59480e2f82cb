//! Whether replicas have shown that they are well.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures::future::join_all;
use headwater_compute::{ReplicaId, ReplicaState, ReplicaStatus};
use headwater_model::{DeploymentType, WorkspaceId};
use headwater_store::{DeploymentVersion, clock};

use super::check;
use crate::{core::Core, deployments::life::Ailment};

/// How long a service must run before it counts as well: what fails at once fails while it loads its libraries.
const SETTLE: Duration = Duration::from_millis(1500);
/// The same of a version that was well before.
const SETTLE_PROVEN: Duration = Duration::from_millis(250);
/// The same of a job, which may be done by then.
const SETTLE_JOB: Duration = Duration::from_millis(500);
/// The same after it ended in error.
const SETTLE_AFTER_CRASH: Duration = Duration::from_secs(10);
/// Time between two looks at a replica that is not well yet.
const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(1);
/// The same of one that is.
const WELL: Duration = Duration::from_secs(10);
/// A replica that was well is not after so many looks in a row.
const FAILURES: u32 = 3;

/// What the replicas of a version are measured by.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    pub(super) check: check::Check,
    service: bool,
    proven: bool,
}

impl Measure {
    pub(super) fn of(version: &DeploymentVersion) -> Self {
        Self {
            check: check::Check::of(&version.spec),
            service: version.spec.deployment_type == DeploymentType::Service,
            proven: version.outcome == headwater_model::Outcome::Healthy || version.rolled_back_to.is_some(),
        }
    }

    fn settled(&self, replica: &ReplicaStatus) -> bool {
        let settle = match (replica.restarts, self.service, self.proven) {
            (0, true, true) => SETTLE_PROVEN,
            (0, true, false) => SETTLE,
            (0, false, _) => SETTLE_JOB,
            _ => SETTLE_AFTER_CRASH,
        };
        age(replica) >= settle
    }
}

/// Remembers how runs were when they were looked at last.
#[derive(Default)]
pub(super) struct Probe {
    runs: BTreeMap<ReplicaId, Run>,
}

struct Run {
    attempt: u32,
    /// It was well once, and has not failed too often since.
    well: bool,
    was_well: bool,
    failures: u32,
    why: Option<String>,
    look: Instant,
}

/// How replicas are.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) ready: BTreeSet<ReplicaId>,
    pub(super) ailing: BTreeMap<ReplicaId, Ailment>,
}

impl Probe {
    /// Looks at the replicas whose turn it is, and tells how all are.
    pub(super) async fn look(
        &mut self,
        core: &Core,
        workspace: &WorkspaceId,
        replicas: &[ReplicaStatus],
        measures: &BTreeMap<u32, Measure>,
    ) -> Findings {
        let runs = |replica: &&ReplicaStatus| matches!(replica.state, ReplicaState::Running { .. });
        self.runs.retain(|id, run| {
            replicas.iter().filter(runs).any(|replica| replica.id == *id && replica.attempt == run.attempt)
        });
        let now = Instant::now();
        let due = |replica: &&ReplicaStatus| self.runs.get(&replica.id).is_none_or(|run| run.look <= now);
        let looks = replicas.iter().filter(runs).filter(due).filter_map(|replica| {
            let measure = measures.get(&replica.id.version)?;
            Some(async move { (replica, examine(core, workspace, replica, measure).await) })
        });
        for (replica, found) in join_all(looks).await {
            self.note(replica, found);
        }
        self.findings()
    }

    fn note(&mut self, replica: &ReplicaStatus, found: Result<(), Option<String>>) {
        let run = self.runs.entry(replica.id.clone()).or_insert_with(|| Run {
            attempt: replica.attempt,
            well: false,
            was_well: false,
            failures: 0,
            why: None,
            look: Instant::now(),
        });
        match found {
            Ok(()) => (run.well, run.was_well, run.failures, run.why) = (true, true, 0, None),
            Err(why) => {
                run.failures += 1;
                run.well &= run.failures < FAILURES;
                run.why = why;
            }
        }
        let pause = match (run.well && run.failures == 0, age(replica) < SETTLE_AFTER_CRASH) {
            (true, _) => WELL,
            (false, true) => SOON,
            (false, false) => LATER,
        };
        run.look = Instant::now() + pause;
    }

    fn findings(&self) -> Findings {
        let ready = self.runs.iter().filter(|(_, run)| run.well).map(|(id, _)| id.clone()).collect();
        let ailing = |(id, run): (&ReplicaId, &Run)| {
            let why = run.why.clone().filter(|_| !run.well)?;
            Some((id.clone(), Ailment { why, was_well: run.was_well }))
        };
        Findings { ready, ailing: self.runs.iter().filter_map(ailing).collect() }
    }

    /// When a replica has to be looked at again.
    pub(super) fn next(&self) -> Option<Duration> {
        let now = Instant::now();
        self.runs.values().map(|run| run.look.saturating_duration_since(now)).min()
    }
}

/// Whether a replica is well, or what its check says against it.
async fn examine(
    core: &Core,
    workspace: &WorkspaceId,
    replica: &ReplicaStatus,
    measure: &Measure,
) -> Result<(), Option<String>> {
    let settled = measure.settled(replica);
    if replica.restarts > 0 && !settled {
        // What fell over before may do so again.
        return Err(None);
    }
    match &measure.check {
        // Whoever accepts connections has begun its work.
        check::Check::Process if measure.service && !settled => {
            check::tcp(replica.port).await.map_err(|_| None)
        }
        check::Check::Process => {
            if settled {
                Ok(())
            } else {
                Err(None)
            }
        }
        check => check.examine(core, workspace, replica).await.map_err(Some),
    }
}

fn age(replica: &ReplicaStatus) -> Duration {
    let since = replica.started_at.map(|at| clock().duration_since(at));
    since.and_then(|age| Duration::try_from(age).ok()).unwrap_or_default()
}
