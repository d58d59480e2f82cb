//! Deployments: what should run, the reconciler that makes it so, and what it says.

mod types;

use std::time::Duration;

use headwater_compute::Attempt;
use headwater_model::{ApplicationId, DeploymentId, Principal, WorkspaceId};
use headwater_store::DeploymentVersion;

pub use types::{CreateDeployment, Deployment, HIDDEN, LogEntry, LogPage, Replica, UpdateDeployment};

use crate::{Result, Seen};

/// Deployments.
#[derive(Clone)]
pub struct Deployments {}

impl Deployments {
    /// All of a workspace, by name; of one application when it is given.
    pub async fn list(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _application: Option<ApplicationId>,
    ) -> Result<Seen<Vec<Deployment>>> {
        todo!()
    }

    /// One.
    pub async fn get(&self, _who: &Principal, _id: DeploymentId) -> Result<Seen<Deployment>> {
        todo!()
    }

    /// Asks for a deployment; building and starting follow. Topics of its variables are made when missing.
    pub async fn create(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _deployment: CreateDeployment,
    ) -> Result<Deployment> {
        todo!()
    }

    /// Changes a deployment. What runs is replaced once the change stands ready.
    pub async fn update(
        &self,
        _who: &Principal,
        _id: DeploymentId,
        _change: UpdateDeployment,
    ) -> Result<Deployment> {
        todo!()
    }

    /// Starts it; a job runs once more.
    pub async fn start(&self, _who: &Principal, _id: DeploymentId) -> Result<Deployment> {
        todo!()
    }

    /// Ends its replicas.
    pub async fn stop(&self, _who: &Principal, _id: DeploymentId) -> Result<Deployment> {
        todo!()
    }

    /// Ends its replicas and removes it, with its logs and state.
    pub async fn delete(&self, _who: &Principal, _id: DeploymentId) -> Result<()> {
        todo!()
    }

    /// Its replicas as they are.
    pub async fn replicas(&self, _who: &Principal, _id: DeploymentId) -> Result<Vec<Replica>> {
        todo!()
    }

    /// Its versions, newest first; hidden values are masked.
    pub async fn versions(&self, _who: &Principal, _id: DeploymentId) -> Result<Vec<DeploymentVersion>> {
        todo!()
    }

    /// The runs whose output is kept, oldest first.
    pub async fn attempts(&self, _who: &Principal, _id: DeploymentId) -> Result<Vec<Attempt>> {
        todo!()
    }

    /// The whole build log of the version that should run; empty before the build begins.
    pub async fn build_log(&self, _who: &Principal, _id: DeploymentId) -> Result<Vec<LogEntry>> {
        todo!()
    }

    /// Output of the newest runs, of all replicas or one; without `cursor` the last 64 KiB. When there is nothing
    /// new it waits at most `wait`.
    pub async fn log(
        &self,
        _who: &Principal,
        _id: DeploymentId,
        _replica: Option<u32>,
        _cursor: Option<&str>,
        _wait: Duration,
    ) -> Result<LogPage> {
        todo!()
    }

    /// The whole kept output of one run.
    pub async fn attempt_log(&self, _who: &Principal, _attempt: &Attempt) -> Result<Vec<LogEntry>> {
        todo!()
    }
}
