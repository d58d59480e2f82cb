//! What is seen of a deployment.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use headwater_compute::{ReplicaId, ReplicaState, ReplicaStatus};
use headwater_model::DeploymentType;
use headwater_store::{Build, Deployment};
use jiff::Timestamp;

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
    /// What is wrong with those that are not, as far as their health check tells.
    pub(crate) ailing: &'a BTreeMap<ReplicaId, Ailment>,
    /// Starting failed, and is tried again only later.
    pub(crate) refused: Option<Refusal<'a>>,
    /// Now.
    pub(crate) now: Timestamp,
}

/// What a health check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ailment {
    /// In words, to follow a colon.
    pub(crate) why: String,
    /// The same run was well before.
    pub(crate) was_well: bool,
}

/// The runtime did not take a replica.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal<'a> {
    pub(crate) why: &'a str,
    /// How many times in a row.
    pub(crate) times: u32,
}

/// The replicas of the version that should run.
pub(crate) fn wanted(row: &Deployment) -> impl Iterator<Item = ReplicaId> {
    let (deployment, version) = (row.id, row.version);
    (0..row.spec.replicas).map(move |index| ReplicaId { deployment, version, index })
}

pub(super) fn ids<'a>(replicas: impl IntoIterator<Item = &'a ReplicaStatus>) -> Vec<ReplicaId> {
    replicas.into_iter().map(|replica| replica.id.clone()).collect()
}

impl<'a> Facts<'a> {
    pub(super) fn is_job(&self) -> bool {
        self.row.spec.deployment_type == DeploymentType::Job
    }

    /// Two versions must not run at once: state has one owner, and a job's work is done once.
    pub(super) fn exclusive(&self) -> bool {
        self.row.spec.state_size.is_some() || self.is_job()
    }

    /// Replicas of `version`.
    pub(super) fn of(&self, version: u32) -> impl Iterator<Item = &'a ReplicaStatus> {
        self.replicas.iter().filter(move |replica| replica.id.version == version)
    }

    /// Replicas of all versions but `version`.
    pub(super) fn but(&self, version: u32) -> impl Iterator<Item = &'a ReplicaStatus> {
        self.replicas.iter().filter(move |replica| replica.id.version != version)
    }

    /// Replicas that are not wanted.
    pub(super) fn surplus(&self) -> Vec<ReplicaId> {
        let row = self.row;
        let wanted = |id: &ReplicaId| id.version == row.version && id.index < row.spec.replicas;
        ids(self.replicas.iter().filter(|replica| !wanted(&replica.id)))
    }

    /// Wanted replicas that the runtime must be asked for.
    pub(super) fn missing(&self) -> Vec<ReplicaId> {
        match self.refused {
            Some(_) => Vec::new(),
            None => wanted(self.row).filter(|id| !self.asked.contains(id)).collect(),
        }
    }

    /// Replicas of `version` that another platform process left and that are to go on.
    pub(super) fn left(&self, version: u32) -> Vec<ReplicaId> {
        ids(self.of(version).filter(|replica| !self.asked.contains(&replica.id)))
    }

    pub(super) fn all_ready(&self) -> bool {
        wanted(self.row).all(|id| self.ready.contains(&id))
    }

    /// Ports that public requests for `version` are sent to.
    pub(super) fn ports(&self, version: u32) -> Vec<u16> {
        if self.row.spec.url_prefix.is_none() {
            return Vec::new();
        }
        self.of(version)
            .filter(|replica| self.ready.contains(&replica.id))
            .map(|replica| replica.port)
            .collect()
    }

    /// How long the present run of a replica has lasted.
    pub(super) fn age(&self, replica: &ReplicaStatus) -> Option<Duration> {
        Duration::try_from(self.now.duration_since(replica.started_at?)).ok()
    }

    /// Whether a replica should have been well by now.
    pub(super) fn late(&self, replica: &ReplicaStatus) -> bool {
        let limit = Duration::from_secs(self.row.spec.health().timeout_seconds.into());
        matches!(replica.state, ReplicaState::Running { .. })
            && !self.ready.contains(&replica.id)
            && self.age(replica).is_some_and(|age| age > limit)
    }

    /// A run of a job is due.
    pub(super) fn due(&self) -> bool {
        self.row.next_run_at.is_some_and(|at| at <= self.now)
    }

    /// When a job runs next, once what is due was seen to.
    pub(super) fn next_run(&self) -> Option<Timestamp> {
        match self.due() {
            true => self.row.spec.schedule.as_ref().and_then(|schedule| schedule.next(self.now)),
            false => self.row.next_run_at,
        }
    }
}

pub(super) fn ended(replica: &ReplicaStatus) -> bool {
    matches!(replica.state, ReplicaState::Ended { .. })
}

pub(super) fn failed(replica: &ReplicaStatus) -> bool {
    matches!(&replica.state, ReplicaState::Ended { exit } if !exit.success())
}
