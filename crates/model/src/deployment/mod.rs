//! Deployments: what should run, and how far it is.

mod health;
mod schedule;
mod status;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use health::{HealthCheck, HealthProbe};
pub use schedule::Schedule;
pub use status::{DeploymentStatus, Outcome};

use crate::{ApplicationId, InputType, Invalid, name};

/// How long it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum DeploymentType {
    /// Kept alive: restarted whenever it ends.
    #[default]
    Service,
    /// Runs to its end: once, or each time that its schedule says.
    Job,
}

/// Which version of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(tag = "type", content = "reference", rename_all = "camelCase")]
pub enum GitReference {
    /// The head of the workspace's branch at the time of the deployment.
    #[default]
    Latest,
    /// A tag.
    Tag(String),
    /// A commit, in full or at least seven digits.
    Commit(String),
}

impl GitReference {
    /// What means `commit` for good: a tag or commit as it is, the head of the branch as the commit it was.
    pub fn pinned(&self, commit: &str) -> Self {
        match self {
            Self::Latest => Self::Commit(commit.to_owned()),
            other => other.clone(),
        }
    }
}

/// A variable's value in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableValue {
    /// What it holds.
    #[serde(default)]
    pub input_type: InputType,
    /// The value; for topic kinds the topic's name.
    #[serde(default)]
    pub value: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it must not be empty.
    #[serde(default)]
    pub required: bool,
}

/// What a deployment should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentSpec {
    /// The application that runs.
    pub application_id: ApplicationId,
    /// Shown name.
    pub name: String,
    /// Service or job.
    pub deployment_type: DeploymentType,
    /// Version of the code.
    pub git_reference: GitReference,
    /// How many run side by side.
    pub replicas: u32,
    /// CPU limit of a replica, in thousandths of a core.
    pub cpu_millicores: u32,
    /// Memory limit of a replica, in MiB.
    pub memory_in_mb: u32,
    /// Values by variable name.
    pub variables: BTreeMap<String, VariableValue>,
    /// Public URL prefix; none means not public.
    pub url_prefix: Option<String>,
    /// Size of the state folder in GB; none means no state.
    pub state_size: Option<u32>,
    /// Whether it should run.
    pub running: bool,
    /// When a replica counts as well; none when nobody chose.
    #[serde(default)]
    pub health_check: Option<HealthCheck>,
    /// How many times a replica of a job is started again after it ended in error.
    #[serde(default)]
    pub job_retries: u32,
    /// When a job runs; none means once, at once.
    #[serde(default)]
    pub schedule: Option<Schedule>,
}

impl DeploymentSpec {
    /// Checks ranges and names.
    pub fn validate(&self) -> Result<(), Invalid> {
        name::display("name", &self.name)?;
        range("replicas", self.replicas, 1, 100)?;
        range("cpuMillicores", self.cpu_millicores, 50, 64_000)?;
        range("memoryInMb", self.memory_in_mb, 32, 262_144)?;
        if let Some(size) = self.state_size {
            range("stateSize", size, 1, 100)?;
        }
        if let Some(prefix) = &self.url_prefix {
            name::url_prefix(prefix)?;
        }
        if let Some(check) = &self.health_check {
            check.validate()?;
        }
        self.validate_job()?;
        if self.variables.len() > 500 {
            return Err(Invalid::new("variables", "at most 500"));
        }
        for (key, variable) in &self.variables {
            name::variable(key)?;
            if key.starts_with("Quix__") || key == "PORT" {
                return Err(Invalid::new("variables", format!("'{key}' is set by the platform")));
            }
            if variable.required && variable.value.is_empty() {
                return Err(Invalid::new("variables", format!("'{key}' is required and has no value")));
            }
            if variable.value.contains('\0') {
                return Err(Invalid::new("variables", format!("'{key}' holds a NUL character")));
            }
            if matches!(variable.input_type, InputType::InputTopic | InputType::OutputTopic)
                && !variable.value.is_empty()
            {
                name::topic(&variable.value)?;
            }
        }
        Ok(())
    }

    fn validate_job(&self) -> Result<(), Invalid> {
        range("jobRetries", self.job_retries, 0, 20)?;
        if self.deployment_type == DeploymentType::Job {
            return match self.url_prefix {
                Some(_) => Err(Invalid::new("publicAccess", "is for services; a job has no public address")),
                None => Ok(()),
            };
        }
        if self.schedule.is_some() {
            return Err(Invalid::new("schedule", "is for jobs; a service runs all the time"));
        }
        match self.job_retries {
            0 => Ok(()),
            _ => Err(Invalid::new("jobRetries", "is for jobs; a service is always started again")),
        }
    }

    /// When a replica counts as well.
    pub fn health(&self) -> HealthCheck {
        self.health_check.clone().unwrap_or_else(|| HealthCheck::of(self.url_prefix.is_some()))
    }

    /// The topics that it reads, by name.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.topics(InputType::InputTopic)
    }

    /// The topics that it writes, by name.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.topics(InputType::OutputTopic)
    }

    fn topics(&self, kind: InputType) -> impl Iterator<Item = &str> {
        let of_kind = move |v: &&VariableValue| v.input_type == kind && !v.value.is_empty();
        self.variables.values().filter(of_kind).map(|v| v.value.as_str())
    }
}

fn range(field: &str, value: u32, min: u32, max: u32) -> Result<(), Invalid> {
    match (min..=max).contains(&value) {
        true => Ok(()),
        false => Err(Invalid::new(field, format!("must be between {min} and {max}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> DeploymentSpec {
        DeploymentSpec {
            application_id: ApplicationId::new(),
            name: "Source".into(),
            deployment_type: DeploymentType::Service,
            git_reference: GitReference::Latest,
            replicas: 1,
            cpu_millicores: 200,
            memory_in_mb: 500,
            variables: BTreeMap::new(),
            url_prefix: None,
            state_size: None,
            running: true,
            health_check: None,
            job_retries: 0,
            schedule: None,
        }
    }

    #[test]
    fn the_platforms_own_variables_cannot_be_set() {
        let mut spec = spec();
        let value = VariableValue {
            input_type: InputType::FreeText,
            value: "x".into(),
            description: None,
            required: false,
        };
        spec.variables.insert("Quix__Sdk__Token".into(), value.clone());
        assert!(spec.validate().unwrap_err().message.contains("set by the platform"));
        spec.variables =
            BTreeMap::from([("OUT".into(), VariableValue { input_type: InputType::OutputTopic, ..value })]);
        spec.validate().unwrap();
        assert_eq!(spec.outputs().collect::<Vec<_>>(), ["x"]);
    }
}
