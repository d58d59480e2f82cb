//! `quix.yaml`: a pipeline as text. Read here; what an environment does with it is control's matter.

use serde::{Deserialize, Serialize};

use crate::{DeploymentType, InputType, Invalid, application, name};

/// The file that describes a pipeline, at the root of a repository.
pub const FILE: &str = "quix.yaml";

/// A whole pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// What should run.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
    /// What should be there to stream through.
    #[serde(default)]
    pub topics: Vec<Topic>,
}

/// A deployment of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Shown name, unique in the pipeline.
    pub name: String,
    /// Path of the application's folder.
    pub application: String,
    /// `latest`, a tag or a commit.
    #[serde(default = "latest")]
    pub version: String,
    /// Service or job.
    #[serde(default)]
    pub deployment_type: DeploymentType,
    /// Size.
    #[serde(default)]
    pub resources: Resources,
    /// Running or stopped.
    #[serde(default)]
    pub desired_status: DesiredStatus,
    /// Public URL.
    #[serde(default)]
    pub public_access: PublicAccess,
    /// State folder.
    #[serde(default)]
    pub state: State,
    /// Values of variables.
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// Size of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resources {
    /// CPU limit of a replica, in thousandths of a core.
    pub cpu: u32,
    /// Memory limit of a replica, in MiB.
    pub memory: u32,
    /// How many run side by side.
    pub replicas: u32,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: 200, memory: 500, replicas: 1 }
    }
}

/// Whether it should run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum DesiredStatus {
    /// It should.
    #[default]
    Running,
    /// It should not.
    Stopped,
}

/// Public URL of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct PublicAccess {
    /// Whether it has one.
    pub enabled: bool,
    /// First part of the host name.
    pub url_prefix: Option<String>,
}

/// State folder of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    /// Whether it has one.
    pub enabled: bool,
    /// In GB.
    pub size: u32,
}

impl Default for State {
    fn default() -> Self {
        Self { enabled: false, size: 1 }
    }
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// The environment variable.
    pub name: String,
    /// What it holds.
    #[serde(default)]
    pub input_type: InputType,
    /// The value.
    #[serde(default, deserialize_with = "application::scalar")]
    pub value: Option<String>,
    /// Whether it must not be empty.
    #[serde(default)]
    pub required: bool,
}

/// A topic of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// What differs from the workspace's default.
    #[serde(default)]
    pub configuration: TopicConfiguration,
}

/// A topic's configuration; what is not given is the workspace's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct TopicConfiguration {
    /// Number of partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<i32>,
    /// Copies of each record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_factor: Option<i16>,
    /// Age at which records leave; −1 is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_in_minutes: Option<i64>,
    /// Size per partition at which the oldest leave; −1 is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_in_bytes: Option<i64>,
    /// `Delete`, `Compact` or `DeleteAndCompact`, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup_policy: Option<String>,
}

impl Pipeline {
    /// Reads a `quix.yaml`. Unknown keys are left out, not refused: newer tools write more.
    pub fn parse(yaml: &str) -> Result<Self, Invalid> {
        let pipeline: Self =
            serde_saphyr::from_str(yaml).map_err(|error| Invalid::new(FILE, error.to_string()))?;
        for (i, deployment) in pipeline.deployments.iter().enumerate() {
            name::display("deployments.name", &deployment.name)?;
            application::inside(&deployment.application)?;
            twice(
                "deployments",
                &deployment.name,
                pipeline.deployments[..i].iter().map(|d| d.name.as_str()),
            )?;
        }
        for (i, topic) in pipeline.topics.iter().enumerate() {
            name::topic(&topic.name)?;
            twice("topics", &topic.name, pipeline.topics[..i].iter().map(|t| t.name.as_str()))?;
        }
        Ok(pipeline)
    }
}

fn twice<'a>(field: &str, name: &str, mut before: impl Iterator<Item = &'a str>) -> Result<(), Invalid> {
    match before.any(|other| other == name) {
        true => Err(Invalid::new(field, format!("'{name}' stands twice"))),
        false => Ok(()),
    }
}

fn latest() -> String {
    "latest".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_demo() {
        let pipeline = Pipeline::parse(include_str!("../../../samples/demo/quix.yaml")).unwrap();
        assert_eq!(pipeline.deployments.len(), 3);
        let averages = &pipeline.deployments[1];
        assert_eq!(averages.state, State { enabled: true, size: 1 });
        assert_eq!(averages.variables[0].input_type, InputType::InputTopic);
        assert_eq!(pipeline.topics[0].configuration.partitions, Some(1));
        assert_eq!(pipeline.deployments[2].public_access.url_prefix.as_deref(), Some("dashboard"));
    }

    #[test]
    fn names_what_stands_twice() {
        let error = Pipeline::parse("topics: [{name: a}, {name: a}]").unwrap_err();
        assert!(error.to_string().contains("'a' stands twice"), "{error}");
        assert!(Pipeline::parse("deployments: [{name: a, application: ../x}]").is_err());
    }
}
