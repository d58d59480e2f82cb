//! From what callers ask to what should run.

use std::collections::BTreeMap;

use headwater_model::{
    DeploymentSpec, DeploymentType, GitReference, InputType, Invalid, Schedule, WorkspaceId,
    application::Variable, deployment::VariableValue, name,
};
use headwater_store::{Deployment, Read, clock};

use super::types::{CreateDeployment, HIDDEN, UpdateDeployment};
use crate::{Error, Result};

const CPU_MILLICORES: u32 = 1000;
const MEMORY_IN_MB: u32 = 1024;
const STATE_SIZE: u32 = 1;

/// The specification of a new deployment of an application that declares `declared`.
pub(super) async fn create(
    read: &Read,
    workspace: &WorkspaceId,
    asked: CreateDeployment,
    app_name: &str,
    declared: &[Variable],
) -> Result<DeploymentSpec> {
    let title = asked.name.unwrap_or_else(|| app_name.to_owned());
    let public = asked.public_access.unwrap_or(asked.url_prefix.is_some());
    let url_prefix = match (public, asked.url_prefix) {
        (false, _) => None,
        (true, Some(prefix)) => Some(chosen_prefix(&prefix)?),
        (true, None) => Some(free_prefix(read, workspace, &title).await?),
    };
    let stateful = asked.state_enabled.unwrap_or(asked.state_size.is_some());
    let spec = DeploymentSpec {
        application_id: asked.application_id,
        name: title,
        deployment_type: asked.deployment_type.unwrap_or_default(),
        git_reference: asked.git_reference.unwrap_or_default(),
        replicas: asked.replicas.unwrap_or(1),
        cpu_millicores: asked.cpu_millicores.unwrap_or(CPU_MILLICORES),
        memory_in_mb: asked.memory_in_mb.unwrap_or(MEMORY_IN_MB),
        variables: variables(asked.variables, declared, &BTreeMap::new()),
        url_prefix,
        state_size: stateful.then(|| asked.state_size.unwrap_or(STATE_SIZE)),
        running: asked.running.unwrap_or(true),
        health_check: asked.health_check,
        job_retries: asked.job_retries.unwrap_or(0),
        schedule: asked.schedule,
    };
    check(&spec)?;
    Ok(spec)
}

/// A present specification with what was sent put in place.
pub(super) async fn update(
    read: &Read,
    row: &Deployment,
    asked: &UpdateDeployment,
    declared: &[Variable],
) -> Result<DeploymentSpec> {
    let mut spec = row.spec.clone();
    let set = |target: &mut u32, value: Option<u32>| value.into_iter().for_each(|value| *target = value);
    set(&mut spec.replicas, asked.replicas);
    set(&mut spec.cpu_millicores, asked.cpu_millicores);
    set(&mut spec.memory_in_mb, asked.memory_in_mb);
    if let Some(name) = &asked.name {
        spec.name.clone_from(name);
    }
    if let Some(kind) = asked.deployment_type {
        spec.deployment_type = kind;
    }
    if let Some(reference) = &asked.git_reference {
        spec.git_reference = reference.clone();
    }
    if let Some(given) = &asked.variables {
        spec.variables = variables(given.clone(), declared, &row.spec.variables);
    }
    if let Some(running) = asked.running {
        spec.running = running;
    }
    if let Some(check) = &asked.health_check {
        spec.health_check.clone_from(check);
    }
    if let Some(schedule) = &asked.schedule {
        spec.schedule.clone_from(schedule);
    }
    set(&mut spec.job_retries, asked.job_retries);
    if asked.deployment_type == Some(DeploymentType::Service) {
        // They are a job's, and leave with it unless they were sent along.
        spec.schedule = spec.schedule.filter(|_| asked.schedule.is_some());
        spec.job_retries = asked.job_retries.unwrap_or(0);
    }
    spec.url_prefix = match (asked.public_access, &asked.url_prefix, spec.url_prefix.take()) {
        (Some(false), _, _) => None,
        (Some(true), Some(prefix), _) | (None, Some(prefix), Some(_)) => Some(chosen_prefix(prefix)?),
        (Some(true), None, None) => Some(free_prefix(read, &row.workspace, &spec.name).await?),
        (_, _, present) => present,
    };
    spec.state_size = match (asked.state_enabled, asked.state_size, spec.state_size) {
        (Some(false), _, _) => None,
        (Some(true), size, present) => Some(size.or(present).unwrap_or(STATE_SIZE)),
        (None, size, present) => present.map(|present| size.unwrap_or(present)),
    };
    check(&spec)?;
    Ok(spec)
}

/// Whether running replicas must be replaced to get from one to the other. Their number and the shown name need not.
pub(super) fn needs_new_version(old: &DeploymentSpec, new: &DeploymentSpec) -> bool {
    let essence = |spec: &DeploymentSpec| DeploymentSpec {
        name: String::new(),
        replicas: 0,
        running: true,
        git_reference: GitReference::Latest,
        // It says only when a run begins.
        schedule: None,
        ..spec.clone()
    };
    essence(old) != essence(new)
}

fn check(spec: &DeploymentSpec) -> Result<()> {
    spec.validate()?;
    let never = |schedule: &&Schedule| schedule.next(clock()).is_none();
    match spec.schedule.as_ref().filter(never) {
        Some(schedule) => Err(Invalid::new("schedule", format!("'{schedule}' never comes")).into()),
        None => Ok(()),
    }
}

/// Given values, and the defaults of what the application declares. A masked value is the one from before, of the kind
/// from before: under another it would be shown.
fn variables(
    given: BTreeMap<String, VariableValue>,
    declared: &[Variable],
    before: &BTreeMap<String, VariableValue>,
) -> BTreeMap<String, VariableValue> {
    let mut all = given;
    for (name, variable) in all.iter_mut().filter(|(_, variable)| variable.value == HIDDEN) {
        match before.get(name) {
            Some(before) => {
                (variable.value, variable.input_type) = (before.value.clone(), before.input_type);
            }
            None => variable.value.clear(),
        }
    }
    for variable in declared {
        let default = || VariableValue {
            input_type: variable.input_type,
            value: variable.default_value.clone().unwrap_or_default(),
            description: variable.description.clone(),
            required: variable.required,
        };
        let value = all.entry(variable.name.clone()).or_insert_with(default);
        // Callers that send bare values mean the kind that the application declares.
        if value.input_type == InputType::FreeText {
            value.input_type = variable.input_type;
        }
        value.required |= variable.required;
    }
    all
}

fn chosen_prefix(text: &str) -> Result<String> {
    let prefix = text.to_ascii_lowercase();
    name::url_prefix(&prefix)?;
    Ok(prefix)
}

/// A prefix made of the deployment's name that nobody has.
async fn free_prefix(read: &Read, workspace: &WorkspaceId, title: &str) -> Result<String> {
    let base = Some(name::slug(title, name::URL_PREFIX_MAX)).filter(|slug| !slug.is_empty());
    let base = base.unwrap_or_else(|| "service".into());
    let rows = read.deployments(workspace).await?;
    let taken = |prefix: &str| {
        rows.iter().any(|row| !row.deleting && row.spec.url_prefix.as_deref() == Some(prefix))
            || name::url_prefix(prefix).is_err()
    };
    let numbered = (2..).map(|number| format!("{}-{number}", name::slug(&base, name::URL_PREFIX_MAX - 5)));
    let free = std::iter::once(base.clone()).chain(numbered.take(1000)).find(|prefix| !taken(prefix));
    free.ok_or(Error::Taken { what: "URL prefix", name: base })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> VariableValue {
        VariableValue {
            input_type: InputType::FreeText,
            value: text.into(),
            description: None,
            required: false,
        }
    }

    fn declared(name: &str, input_type: InputType, default: Option<&str>) -> Variable {
        Variable {
            name: name.into(),
            input_type,
            description: None,
            default_value: default.map(Into::into),
            required: false,
            multiline: false,
            options: Vec::new(),
        }
    }

    #[test]
    fn variables_take_kinds_and_defaults_from_the_application() {
        let app = [
            declared("input", InputType::InputTopic, Some("cars")),
            declared("key", InputType::HiddenText, None),
        ];
        let given = BTreeMap::from([("input".into(), value("bikes")), ("extra".into(), value("1"))]);
        let all = variables(given, &app, &BTreeMap::new());
        assert_eq!((all["input"].input_type, all["input"].value.as_str()), (InputType::InputTopic, "bikes"));
        assert_eq!((all["key"].input_type, all["key"].value.as_str()), (InputType::HiddenText, ""));
        assert_eq!(all["extra"].value, "1");
        assert_eq!(variables(BTreeMap::new(), &app, &BTreeMap::new())["input"].value, "cars");
    }

    #[test]
    fn a_masked_value_is_the_one_from_before() {
        let before = BTreeMap::from([("key".into(), value("s3cret"))]);
        let given = BTreeMap::from([("key".into(), value(HIDDEN)), ("other".into(), value(HIDDEN))]);
        let all = variables(given, &[], &before);
        assert_eq!(all["key"].value, "s3cret");
        assert_eq!(all["other"].value, "");
    }

    #[test]
    fn a_masked_value_stays_of_the_kind_that_is_masked() {
        let of = |input_type, text| VariableValue { input_type, ..value(text) };
        let before = BTreeMap::from([("key".into(), of(InputType::Secret, "s3cret"))]);
        let given = BTreeMap::from([("key".into(), of(InputType::Options, HIDDEN))]);
        let all = variables(given, &[declared("key", InputType::FreeText, None)], &before);
        assert_eq!(all["key"], of(InputType::Secret, "s3cret"));
    }
}
