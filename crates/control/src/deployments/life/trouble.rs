//! What is wrong with a replica, in words.

use headwater_compute::{ReplicaState, ReplicaStatus};
use headwater_model::{DeploymentStatus as Status, HealthProbe};

use super::{Ailment, Facts};

pub(super) fn trouble(facts: &Facts<'_>, replica: &ReplicaStatus) -> Option<String> {
    let index = replica.id.index;
    let ailing = facts.ailing.get(&replica.id);
    match &replica.state {
        ReplicaState::Waiting { exit, .. } if exit.success() && !facts.is_job() => Some(format!(
            "Replica {index} ended with code 0. A service is started again whenever it ends; deploy it as a job if it \
             should end."
        )),
        ReplicaState::Waiting { exit, .. } => Some(format!("Replica {index} ended: {}", exit.reason)),
        ReplicaState::Ended { exit } if !exit.success() => {
            Some(format!("Replica {index} ended: {}", exit.reason))
        }
        ReplicaState::Running { .. } if facts.ready.contains(&replica.id) => None,
        // It ended in error before and has not run for long since: what was told still holds.
        ReplicaState::Running { .. } | ReplicaState::Starting if replica.restarts > 0 && !facts.is_job() => {
            let told = (facts.row.status == Status::RuntimeError).then(|| facts.row.status_reason.clone());
            let told = told.flatten();
            Some(told.unwrap_or_else(|| format!("Replica {index} ended in error and was started again.")))
        }
        // It was well before.
        ReplicaState::Running { .. } if ailing.is_some_and(|ailment| ailment.was_well) => {
            Some(format!("Replica {index} fails its health check{}", because(ailing)))
        }
        ReplicaState::Running { .. } if facts.late(replica) => {
            let check = facts.row.spec.health();
            let hint = match check.probe {
                HealthProbe::Tcp | HealthProbe::Http { .. } => {
                    " An application listens on the port given in PORT, on 0.0.0.0."
                }
                HealthProbe::Consumed => " Look for the topic's name and the consumer group in its log.",
                HealthProbe::Process => "",
            };
            let seconds = check.timeout_seconds;
            Some(format!("Replica {index} did not get well within {seconds} s{}{hint}", because(ailing)))
        }
        _ => None,
    }
}

fn because(ailing: Option<&Ailment>) -> String {
    ailing.map_or_else(|| ".".into(), |ailment| format!(": {}.", ailment.why))
}
