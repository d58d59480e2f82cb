//! How far a deployment, and a version of it, is.

use serde::{Deserialize, Serialize};

/// How far a deployment is. The words are the Portal API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeploymentStatus {
    /// Waiting for a builder.
    QueuedForBuild,
    /// The environment is being made.
    Building,
    /// The environment could not be made; the reason quotes why.
    BuildFailed,
    /// Built; waiting for its turn to start.
    QueuedForDeployment,
    /// Replicas are being placed.
    Deploying,
    /// Replicas could not be placed.
    DeploymentFailed,
    /// Processes exist, none has shown that it is well.
    Starting,
    /// The wanted replicas run.
    Running,
    /// A replica ended in error; a service is being restarted.
    RuntimeError,
    /// Replicas are ending.
    Stopping,
    /// Nothing runs, as asked.
    Stopped,
    /// The job ended well.
    Completed,
    /// Being removed.
    Deleting,
}

impl DeploymentStatus {
    /// The word that the Portal API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QueuedForBuild => "QueuedForBuild",
            Self::Building => "Building",
            Self::BuildFailed => "BuildFailed",
            Self::QueuedForDeployment => "QueuedForDeployment",
            Self::Deploying => "Deploying",
            Self::DeploymentFailed => "DeploymentFailed",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::RuntimeError => "RuntimeError",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Completed => "Completed",
            Self::Deleting => "Deleting",
        }
    }
}

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Outcome {
    /// It has not shown yet.
    #[default]
    Pending,
    /// All its replicas were well once.
    Healthy,
    /// Its environment could not be made.
    BuildFailed,
    /// It did not get well, and the one before took its place.
    RolledBack,
}

impl Outcome {
    /// The word that the Portal API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Healthy => "Healthy",
            Self::BuildFailed => "BuildFailed",
            Self::RolledBack => "RolledBack",
        }
    }
}
