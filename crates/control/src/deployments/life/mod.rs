//! The life of a deployment: from what is wanted and what is seen to what is done next and what is told of it. Pure; one
//! file a state. Every state ends by itself: by what it waits for, or after the time that its file names.
//!
//! ```text
//! queued ─▶ building ─▶ deploying ─▶ starting ─▶ running ─▶ completed (a job)
//!              └▶ build failed  └──────┴────────────┴▶ runtime error
//! stopping ─▶ stopped        deleting
//! ```
//!
//! While a new version is built and gets well, the one before goes on: `update`.

mod build_failed;
mod building;
mod completed;
mod deleting;
mod deploying;
mod facts;
mod queued;
mod running;
mod runtime_error;
mod starting;
mod stopped;
mod stopping;
mod trouble;
mod update;

use headwater_compute::ReplicaId;
use headwater_model::DeploymentStatus as Status;
use headwater_store::BuildStatus;
use jiff::Timestamp;

pub(crate) use facts::{Ailment, Facts, Refusal, wanted};

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) stop: Vec<ReplicaId>,
    pub(crate) start: Vec<ReplicaId>,
    pub(crate) build: bool,
    /// A build that is under way is not wanted.
    pub(crate) cancel: bool,
    /// The version that should run gives way to the last good one, for this reason.
    pub(crate) roll_back: Option<String>,
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
    /// How far a change is, while an older version serves.
    pub(crate) update: Option<Status>,
    pub(crate) running_version: Option<u32>,
    /// When a job runs next.
    pub(crate) next_run: Option<Timestamp>,
    /// A version all of whose replicas are well.
    pub(crate) good: Option<u32>,
}

/// Decides.
pub(crate) fn plan(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    if row.deleting {
        return deleting::plan(facts);
    }
    if !row.spec.running {
        return match facts.replicas.is_empty() {
            true => stopped::plan(),
            false => stopping::plan(facts),
        };
    }
    if completed::rests(facts) {
        return completed::plan(facts);
    }
    if !facts.built {
        return match facts.build.map(|build| build.status) {
            Some(BuildStatus::Failed | BuildStatus::Cancelled) => build_failed::plan(facts),
            Some(BuildStatus::Running) => building::plan(facts),
            _ => queued::plan(facts),
        };
    }
    if let Some(plan) = deploying::clear(facts) {
        return plan;
    }
    if let Some(reason) = update::given_up(facts) {
        return update::roll_back(facts, reason);
    }
    match update::under_way(facts) {
        true => update::plan(facts),
        false => {
            let (stop, start) = (facts.surplus(), facts.missing());
            let told = state(facts, row.version);
            Plan { stop, start, serve: facts.ports(row.version), ..Plan::tell(told) }
        }
    }
}

/// How the replicas of `version`, whose environment stands, are.
fn state(facts: &Facts<'_>, version: u32) -> Told {
    let told = runtime_error::told(facts, version)
        .or_else(|| deploying::told(facts, version))
        .or_else(|| completed::told(facts, version))
        .or_else(|| running::told(facts, version))
        .unwrap_or_else(starting::told);
    Told { running_version: Some(version), next_run: facts.next_run(), ..told }
}

impl Plan {
    fn tell(told: Told) -> Self {
        let (stop, start, serve) = (Vec::new(), Vec::new(), Vec::new());
        let (build, cancel, remove, roll_back) = (false, false, false, None);
        Self { stop, start, build, cancel, roll_back, remove, serve, told }
    }
}

impl Told {
    fn status(status: Status) -> Self {
        Self { status, reason: None, update: None, running_version: None, next_run: None, good: None }
    }

    fn because(status: Status, reason: impl Into<Option<String>>) -> Self {
        Self { reason: reason.into(), ..Self::status(status) }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;
