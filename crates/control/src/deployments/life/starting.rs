//! Starting: processes exist, and not all have shown that they are well. It ends when they have; one that has not after
//! the time of its health check makes it a *runtime error*, and an update is rolled back.

use headwater_model::DeploymentStatus as Status;

use super::Told;

pub(super) fn told() -> Told {
    Told::status(Status::Starting)
}
