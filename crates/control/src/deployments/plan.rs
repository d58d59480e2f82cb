//! What to do about a deployment, and how far it is: a pure function of the wish and of what is seen.

use std::{collections::BTreeSet, time::Duration};

use headwater_compute::{ReplicaId, ReplicaState, ReplicaStatus};
use headwater_model::{DeploymentStatus as Status, DeploymentType};
use headwater_store::{Build, BuildStatus, Deployment};
use jiff::Timestamp;

/// How long a replica may take to listen on its port.
const START_LIMIT: Duration = Duration::from_secs(60);

/// What is seen.
pub(crate) struct Facts<'a> {
    /// The wish, with the status last told.
    pub(crate) row: &'a Deployment,
    /// The environment of the wanted version stands.
    pub(crate) built: bool,
    /// The build of the wanted version.
    pub(crate) build: Option<&'a Build>,
    /// That build is under way.
    pub(crate) building: bool,
    /// All replicas of the deployment.
    pub(crate) replicas: &'a [ReplicaStatus],
    /// Those that the runtime was asked for since the platform started. It has to be for all that should run: those of
    /// before are not started again when they end.
    pub(crate) asked: &'a BTreeSet<ReplicaId>,
    /// Those that have shown that they are well.
    pub(crate) ready: &'a BTreeSet<ReplicaId>,
    /// Starting failed, and is tried again only later.
    pub(crate) refused: Option<&'a str>,
    /// Now.
    pub(crate) now: Timestamp,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) stop: Vec<ReplicaId>,
    pub(crate) start: Vec<ReplicaId>,
    pub(crate) build: bool,
    /// A build that is under way is not wanted.
    pub(crate) cancel: bool,
    /// Nothing is left: the row can go.
    pub(crate) remove: bool,
    /// Ports that public requests are sent to.
    pub(crate) serve: Vec<u16>,
    pub(crate) told: Told,
}

/// What the row tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) update: Option<Status>,
    pub(crate) running_version: Option<u32>,
}

/// How a version's replicas are.
struct Health {
    status: Status,
    reason: Option<String>,
}

/// Decides.
pub(crate) fn plan(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    let wanted = !row.deleting && row.spec.running;
    if !wanted {
        return drain(facts);
    }
    if facts.finished() {
        return facts.keep();
    }
    match facts.built {
        true => launch(facts),
        false => build(facts),
    }
}

/// Nothing should run.
fn drain(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    let empty = facts.replicas.is_empty();
    let status = match (row.deleting, empty) {
        (true, _) => Status::Deleting,
        (false, true) => Status::Stopped,
        (false, false) => Status::Stopping,
    };
    Plan {
        stop: ids(facts.replicas.iter()),
        cancel: true,
        remove: row.deleting && empty,
        ..Plan::tell(Told { status, reason: None, update: None, running_version: None })
    }
}

/// The environment of the wanted version must be made first; an older version goes on meanwhile.
fn build(facts: &Facts<'_>) -> Plan {
    let failed = facts.build.filter(|build| build.status == BuildStatus::Failed);
    let progress = match facts.build.map(|build| build.status) {
        Some(BuildStatus::Failed) => Status::BuildFailed,
        Some(BuildStatus::Running) => Status::Building,
        _ => Status::QueuedForBuild,
    };
    let (serving, rest) = facts.split(facts.row.running_version);
    let reason = failed.and_then(|build| build.reason.clone());
    let told = match facts.row.running_version {
        Some(version) if !serving.is_empty() => Told {
            status: facts.health(version).status,
            reason: reason.or(facts.health(version).reason),
            update: Some(progress),
            running_version: Some(version),
        },
        _ => Told { status: progress, reason, update: None, running_version: None },
    };
    let (serve, start) = (facts.ports(&serving), facts.not_asked(&serving));
    let build = !facts.building && failed.is_none();
    Plan { stop: ids(rest), start, build, serve, ..Plan::tell(told) }
}

/// The environment stands: the wanted replicas should run, and no others.
fn launch(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    let (current, others) = facts.split(Some(row.version));
    let exclusive = row.spec.state_size.is_some() || row.spec.deployment_type == DeploymentType::Job;
    if exclusive && !others.is_empty() {
        // State must have one owner, so what was there ends first.
        let told = Told {
            status: Status::Deploying,
            reason: None,
            update: None,
            running_version: row.running_version,
        };
        return Plan { stop: ids(others), ..Plan::tell(told) };
    }
    let surplus = current.iter().copied().filter(|replica| replica.id.index >= row.spec.replicas);
    let mut stop = ids(surplus);
    let missing = wanted(row).filter(|id| !facts.asked.contains(id));
    let mut start: Vec<_> = missing.filter(|_| facts.refused.is_none()).collect();

    let all_well = wanted(row).all(|id| facts.ready.contains(&id));
    let (serving, rest) = facts.split(row.running_version.filter(|version| *version != row.version));
    let older = facts.replicas.iter().any(|replica| replica.id.version != row.version);
    if all_well || serving.is_empty() || !older {
        stop.extend(ids(others));
        let Health { status, reason } = facts.health(row.version);
        let told = Told { status, reason, update: None, running_version: Some(row.version) };
        return Plan { stop: dedup(stop), start, serve: facts.ports(&current), ..Plan::tell(told) };
    }
    // The older version serves until the new one is well.
    stop.extend(ids(rest.into_iter().filter(|replica| replica.id.version != row.version)));
    start.extend(facts.not_asked(&serving));
    let told = facts.handover(row.running_version.unwrap_or(row.version));
    Plan { stop: dedup(stop), start, serve: facts.ports(&serving), ..Plan::tell(told) }
}

/// The replicas of the version that should run.
pub(crate) fn wanted(row: &Deployment) -> impl Iterator<Item = ReplicaId> {
    let (deployment, version) = (row.id, row.version);
    (0..row.spec.replicas).map(move |index| ReplicaId { deployment, version, index })
}

impl Plan {
    fn tell(told: Told) -> Self {
        let (stop, start, serve) = (Vec::new(), Vec::new(), Vec::new());
        Self { stop, start, build: false, cancel: false, remove: false, serve, told }
    }
}

impl<'a> Facts<'a> {
    /// A job that has run to its end, well or not, is not run again by itself.
    fn finished(&self) -> bool {
        let row = self.row;
        row.spec.deployment_type == DeploymentType::Job
            && row.running_version == Some(row.version)
            && matches!(row.status, Status::Completed | Status::RuntimeError)
            && self.replicas.iter().all(|replica| {
                replica.id.version == row.version && matches!(replica.state, ReplicaState::Ended { .. })
            })
    }

    fn keep(&self) -> Plan {
        let row = self.row;
        let (status, reason) = (row.status, row.status_reason.clone());
        Plan::tell(Told { status, reason, update: None, running_version: row.running_version })
    }

    /// Replicas of `version`, and all others.
    fn split(&self, version: Option<u32>) -> (Vec<&'a ReplicaStatus>, Vec<&'a ReplicaStatus>) {
        self.replicas.iter().partition(|replica| Some(replica.id.version) == version)
    }

    fn ports(&self, replicas: &[&ReplicaStatus]) -> Vec<u16> {
        if self.row.spec.url_prefix.is_none() {
            return Vec::new();
        }
        replicas
            .iter()
            .filter(|replica| self.ready.contains(&replica.id))
            .map(|replica| replica.port)
            .collect()
    }

    /// Those of `replicas` that another platform process left and that are to go on.
    fn not_asked(&self, replicas: &[&ReplicaStatus]) -> Vec<ReplicaId> {
        ids(replicas.iter().copied().filter(|replica| !self.asked.contains(&replica.id)))
    }

    fn age(&self, replica: &ReplicaStatus) -> Option<Duration> {
        Duration::try_from(self.now.duration_since(replica.started_at?)).ok()
    }

    /// How the replicas of `version` are.
    fn health(&self, version: u32) -> Health {
        let (replicas, _) = self.split(Some(version));
        let health = |status, reason| Health { status, reason };
        if let Some(reason) = self.refused.filter(|_| version == self.row.version) {
            return health(Status::DeploymentFailed, Some(reason.to_owned()));
        }
        if let Some(reason) = replicas.iter().find_map(|replica| self.trouble(replica)) {
            return health(Status::RuntimeError, Some(reason));
        }
        let wanted = self.row.spec.replicas as usize;
        let well = |replica: &&&ReplicaStatus| {
            self.ready.contains(&replica.id) || matches!(replica.state, ReplicaState::Ended { .. })
        };
        let ended = |replica: &&&ReplicaStatus| matches!(replica.state, ReplicaState::Ended { .. });
        match replicas.len() {
            n if n < wanted => health(Status::Deploying, None),
            n if replicas.iter().filter(ended).count() == n => health(Status::Completed, None),
            n if replicas.iter().filter(well).count() == n => health(Status::Running, None),
            _ => health(Status::Starting, None),
        }
    }

    /// What is wrong with a replica, in words.
    fn trouble(&self, replica: &ReplicaStatus) -> Option<String> {
        let index = replica.id.index;
        match &replica.state {
            ReplicaState::Waiting { exit, .. } if exit.success() => Some(format!(
                "Replica {index} ended with code 0. A service is started again whenever it ends; deploy it as a job \
                 if it should end."
            )),
            ReplicaState::Waiting { exit, .. } => Some(format!("Replica {index} ended: {}", exit.reason)),
            ReplicaState::Ended { exit } if !exit.success() => {
                Some(format!("Replica {index} ended: {}", exit.reason))
            }
            ReplicaState::Running { .. } if self.ready.contains(&replica.id) => None,
            // It ended in error before and has not run for long since: what was told still holds.
            ReplicaState::Running { .. } | ReplicaState::Starting if replica.restarts > 0 => Some(
                (self.row.status == Status::RuntimeError)
                    .then(|| self.row.status_reason.clone())
                    .flatten()
                    .unwrap_or_else(|| format!("Replica {index} ended in error and was started again.")),
            ),
            ReplicaState::Running { .. } if self.age(replica).is_some_and(|age| age > START_LIMIT) => {
                Some(format!(
                    "Replica {index} does not listen on its port. A public application listens on the port given in \
                 PORT, on 0.0.0.0."
                ))
            }
            _ => None,
        }
    }

    /// What is told while `older` serves and the wanted version comes up beside it.
    fn handover(&self, older: u32) -> Told {
        let new = self.health(self.row.version);
        let running_version = Some(older);
        let version = self.row.version;
        match new.status {
            Status::RuntimeError | Status::DeploymentFailed => {
                let because = new.reason.unwrap_or_default();
                let reason =
                    format!("Version {version} does not come up, version {older} goes on serving. {because}");
                let because_told =
                    self.row.status_reason.as_deref().is_some_and(|told| told.ends_with(&because));
                // The reason of before is not wrapped once more.
                let reason = match because_told && because.starts_with("Version ") {
                    true => because,
                    false => reason,
                };
                let update = Some(Status::DeploymentFailed);
                Told { status: Status::RuntimeError, reason: Some(reason), update, running_version }
            }
            _ => {
                let Health { status, reason } = self.health(older);
                Told { status, reason, update: Some(Status::Deploying), running_version }
            }
        }
    }
}

fn ids<'a>(replicas: impl IntoIterator<Item = &'a ReplicaStatus>) -> Vec<ReplicaId> {
    replicas.into_iter().map(|replica| replica.id.clone()).collect()
}

fn dedup(mut ids: Vec<ReplicaId>) -> Vec<ReplicaId> {
    ids.sort();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests;
