//! Build failed: the environment of the wanted version could not be made, or the build was cancelled. It ends when
//! someone changes the deployment or asks for another try. An older version goes on.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, update};

pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let reason = facts.build.and_then(|build| build.reason.clone());
    update::beside(facts, Told::because(Status::BuildFailed, reason))
}
