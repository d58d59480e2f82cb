//! Stopped: nothing runs, as asked, until someone starts it.

use headwater_model::DeploymentStatus as Status;

use super::{Plan, Told};

pub(super) fn plan() -> Plan {
    Plan { cancel: true, ..Plan::tell(Told::status(Status::Stopped)) }
}
