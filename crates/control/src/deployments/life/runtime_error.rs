//! Runtime error: a replica ended in error, does not get well, or fails its health check. A service's replica is started
//! again after growing pauses, a job's as often as it may; it ends when all are well. *Deployment failed*: the runtime
//! did not take a replica, and is asked again.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Told, trouble::trouble};

pub(super) fn told(facts: &Facts<'_>, version: u32) -> Option<Told> {
    if let Some(refusal) = facts.refused.filter(|_| version == facts.row.version) {
        return Some(Told::because(Status::DeploymentFailed, refusal.why.to_owned()));
    }
    let reason = facts.of(version).find_map(|replica| trouble(facts, replica))?;
    Some(Told::because(Status::RuntimeError, reason))
}
