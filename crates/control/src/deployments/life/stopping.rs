//! Stopping: replicas are asked to end, and are ended when they do not. One that is still there after the limit of a
//! stop is told of and tried again.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, facts::ids};

pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    Plan { stop: ids(facts.replicas), cancel: true, ..Plan::tell(Told::status(Status::Stopping)) }
}
