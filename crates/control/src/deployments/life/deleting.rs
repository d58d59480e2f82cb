//! Deleting: replicas end as when stopping, then logs, state and the row go.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, facts::ids};

pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    Plan {
        stop: ids(facts.replicas),
        cancel: true,
        remove: facts.replicas.is_empty(),
        ..Plan::tell(Told::status(Status::Deleting))
    }
}
