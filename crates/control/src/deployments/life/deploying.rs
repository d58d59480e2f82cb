//! Deploying: replicas are being placed, or those in their way are ended first. Placing takes moments; what the runtime
//! refuses is tried again with growing pauses and told as *deployment failed*. Ending has the limits of *stopping*.

use headwater_model::DeploymentStatus as Status;

use super::{
    Facts, Plan, Told,
    facts::{ended, ids},
};

/// Ends what must be gone before the wanted version may start; nothing when nothing is in its way.
pub(super) fn clear(facts: &Facts<'_>) -> Option<Plan> {
    let row = facts.row;
    let others = ids(facts.but(row.version));
    if others.is_empty() || !facts.exclusive() {
        return None;
    }
    let told = Told {
        running_version: row.running_version,
        next_run: facts.next_run(),
        // A job's next run begins when it is due.
        ..Told::status(match row.spec.schedule {
            Some(_) => Status::QueuedForDeployment,
            None => Status::Deploying,
        })
    };
    Some(Plan { stop: others, ..Plan::tell(told) })
}

pub(super) fn told(facts: &Facts<'_>, version: u32) -> Option<Told> {
    let placed = facts.of(version).count();
    let all_ended = placed > 0 && facts.of(version).all(ended);
    // An older version is given no more replicas.
    let missing = version == facts.row.version && placed < facts.row.spec.replicas as usize;
    (missing && !all_ended).then(|| Told::status(Status::Deploying))
}
