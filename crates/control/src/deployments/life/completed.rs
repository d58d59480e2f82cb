//! Completed: a job has run to its end. It rests until its schedule or someone has it run once more. A job whose first
//! run is not due yet rests as *queued for deployment*.

use headwater_model::DeploymentStatus as Status;
use jiff::Timestamp;

use super::{
    Facts, Plan, Told,
    facts::{ended, failed, ids},
};

/// Whether a job has nothing to do now: its last run is over, or its first is not due.
pub(super) fn rests(facts: &Facts<'_>) -> bool {
    let row = facts.row;
    let idle = facts.is_job() && facts.but(row.version).next().is_none() && facts.of(row.version).all(ended);
    if !idle {
        return false;
    }
    let over = row.running_version == Some(row.version)
        && match row.status {
            Status::Completed => true,
            // One that is tried again is told as an error until it ends well.
            Status::RuntimeError => facts.replicas.is_empty() || facts.replicas.iter().any(failed),
            _ => false,
        };
    let waits = row.spec.schedule.is_some() || facts.due();
    over || (facts.built && waits && !begun(row.status))
}

/// Whether a run was begun and its outcome is not told yet.
fn begun(status: Status) -> bool {
    matches!(status, Status::Deploying | Status::DeploymentFailed | Status::Starting | Status::Running)
}

/// Rests, or clears the way for the next run and has it begin.
pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    let over = matches!(row.status, Status::Completed | Status::RuntimeError);
    let status = if over { row.status } else { Status::QueuedForDeployment };
    let failed = row.status_reason.clone().filter(|_| row.status == Status::RuntimeError);
    let kept = Told {
        reason: failed.or_else(|| row.next_run_at.map(next)),
        running_version: row.running_version,
        next_run: row.next_run_at,
        good: (row.status == Status::Completed).then_some(row.version),
        ..Told::status(status)
    };
    if !facts.due() {
        return Plan::tell(kept);
    }
    match facts.replicas.is_empty() {
        // What is left of the last run goes first: each run of a replica is begun by asking for it.
        false => Plan { stop: ids(facts.replicas), ..Plan::tell(kept) },
        true => Plan::tell(Told {
            running_version: Some(row.version),
            next_run: facts.next_run(),
            ..Told::status(Status::Deploying)
        }),
    }
}

pub(super) fn told(facts: &Facts<'_>, version: u32) -> Option<Told> {
    let over = facts.of(version).all(ended) && facts.of(version).next().is_some();
    over.then(|| Told { good: Some(version), ..Told::because(Status::Completed, facts.next_run().map(next)) })
}

fn next(at: Timestamp) -> String {
    format!("The next run is at {at}.")
}
