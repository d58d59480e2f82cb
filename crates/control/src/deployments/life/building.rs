//! Building: the environment of the wanted version is being made. It ends with the build, which has a time limit of its
//! own; one that another platform process left half done begins anew. An older version goes on.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, update};

pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let plan = update::beside(facts, Told::status(Status::Building));
    Plan { build: !facts.building, ..plan }
}
