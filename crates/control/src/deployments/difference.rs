//! What differs between two versions of a deployment.

use std::collections::BTreeSet;

use headwater_model::{DeploymentSpec, GitReference, HealthCheck, HealthProbe};
use headwater_store::DeploymentVersion;

use super::{HIDDEN, view::is_hidden};

/// One thing that differs, as people read it. Hidden values are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// `memoryInMb`, `variables.input`, …
    pub field: String,
    /// What it was; none when it was not.
    pub before: Option<String>,
    /// What it is; none when it is no more.
    pub after: Option<String>,
}

/// What changed from one version to another.
pub(super) fn difference(before: &DeploymentVersion, after: &DeploymentVersion) -> Vec<FieldChange> {
    let mut all = Vec::new();
    let mut compare = |field: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            all.push(FieldChange { field: field.to_owned(), before, after });
        }
    };
    compare("commit", Some(before.commit.clone()), Some(after.commit.clone()));
    let (old, new) = (&before.spec, &after.spec);
    for (field, read) in FIELDS {
        compare(field, read(old), read(new));
    }
    variables(old, new, &mut all);
    all
}

type Reader = fn(&DeploymentSpec) -> Option<String>;

const FIELDS: [(&str, Reader); 12] = [
    ("gitReference", |spec| Some(reference(&spec.git_reference))),
    ("name", |spec| Some(spec.name.clone())),
    ("deploymentType", |spec| Some(format!("{:?}", spec.deployment_type))),
    ("replicas", |spec| Some(spec.replicas.to_string())),
    ("cpuMillicores", |spec| Some(spec.cpu_millicores.to_string())),
    ("memoryInMb", |spec| Some(spec.memory_in_mb.to_string())),
    ("publicAccess", |spec| Some(spec.url_prefix.is_some().to_string())),
    ("urlPrefix", |spec| spec.url_prefix.clone()),
    ("stateSize", |spec| spec.state_size.map(|size| size.to_string())),
    ("healthCheck", |spec| spec.health_check.as_ref().map(health)),
    ("jobRetries", |spec| Some(spec.job_retries.to_string())),
    ("schedule", |spec| spec.schedule.as_ref().map(ToString::to_string)),
];

fn reference(reference: &GitReference) -> String {
    match reference {
        GitReference::Latest => "latest".into(),
        GitReference::Tag(tag) => format!("tag {tag}"),
        GitReference::Commit(commit) => format!("commit {commit}"),
    }
}

fn health(check: &HealthCheck) -> String {
    let what = match &check.probe {
        HealthProbe::Process => "process".into(),
        HealthProbe::Tcp => "TCP".into(),
        HealthProbe::Http { path } => format!("GET {path}"),
        HealthProbe::Consumed => "consumed".into(),
    };
    format!("{what} within {} s", check.timeout_seconds)
}

fn variables(old: &DeploymentSpec, new: &DeploymentSpec, all: &mut Vec<FieldChange>) {
    let names: BTreeSet<_> = old.variables.keys().chain(new.variables.keys()).collect();
    for name in names {
        let (before, after) = (old.variables.get(name), new.variables.get(name));
        let same = before.map(|v| (v.input_type, &v.value)) == after.map(|v| (v.input_type, &v.value));
        if same {
            continue;
        }
        // A value that is hidden in either stays hidden in both.
        let hidden = before.into_iter().chain(after).any(|variable| is_hidden(variable.input_type));
        let shown =
            |value: &str| if hidden && !value.is_empty() { HIDDEN.to_owned() } else { value.to_owned() };
        all.push(FieldChange {
            field: format!("variables.{name}"),
            before: before.map(|variable| shown(&variable.value)),
            after: after.map(|variable| shown(&variable.value)),
        });
    }
}
