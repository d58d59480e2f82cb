//! Queued for build: the environment of the wanted version waits for a builder. It ends when a builder is free; each
//! build has a time limit, so the queue moves. An older version goes on.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, update};

pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let plan = update::beside(facts, Told::status(Status::QueuedForBuild));
    Plan { build: !facts.building, ..plan }
}
