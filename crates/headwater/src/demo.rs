//! The demo pipeline, seeded as any user would: a Git push, then the public API.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use headwater_model::pipeline::{DesiredStatus, Pipeline};
use reqwest::{Client, Method, StatusCode};
use rust_embed::RustEmbed;
use serde_json::{Value, json};
use tokio::process::Command;

/// How long a push may take to be seen as applications.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

/// The applications of the demo, and the pipeline that they form.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../samples"]
#[include = "demo/quix.yaml"]
#[include = "machine-telemetry/*"]
#[include = "machine-averages/*"]
#[include = "live-dashboard/*"]
#[exclude = "*/__pycache__/*"]
#[exclude = "*/.pytest_cache/*"]
struct Samples;

/// A platform, as a client reaches it.
pub struct Target {
    /// Where the Portal API answers.
    pub url: String,
    /// An administrator's token.
    pub token: String,
}

/// Seeds the demo unless `marker` says that it was seeded before. Each step passes over what is there, so that a
/// seeding that was cut short is completed by the next.
pub async fn seed(target: &Target, marker: &Path) -> Result<()> {
    if marker.exists() {
        return Ok(());
    }
    let pipeline = Pipeline::parse(&text("demo/quix.yaml")?)?;
    let api = Api { client: Client::new(), target };
    let workspaces = api.get("/workspaces").await?;
    let workspace = workspaces.get(0).context("there is no workspace to seed")?;
    let id = member(workspace, "workspaceId")?;

    push(target, workspace).await.context("pushing the demo's code")?;
    topics(&api, &id, &pipeline).await?;
    deployments(&api, &id, &pipeline).await?;
    std::fs::write(marker, "The demo was seeded; removing this file seeds it again.\n")?;
    tracing::info!(workspace.id = id, "demo pipeline deployed");
    Ok(())
}

async fn push(target: &Target, workspace: &Value) -> Result<()> {
    let repository = member(workspace, "repositoryId")?;
    let branch = member(workspace, "branch")?;
    let (organisation, project) = repository.split_once('-').context("a repository id has two parts")?;
    let folder = tempfile::tempdir()?;
    let url = format!("{}/git/{organisation}/{project}.git", target.url);
    let git = Git { folder: folder.path(), token: &target.token };
    git.run(&["clone", "--quiet", "--branch", &branch, &url, "."]).await?;
    if folder.path().join("quix.yaml").exists() {
        return Ok(());
    }
    for name in Samples::iter() {
        let file = Samples::get(&name).context("an embedded file")?;
        let path = folder.path().join(name.strip_prefix("demo/").unwrap_or(&name));
        std::fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        std::fs::write(path, file.data)?;
    }
    git.run(&["add", "--all"]).await?;
    git.run(&["commit", "--quiet", "--message", "Add the demo pipeline"]).await?;
    git.run(&["push", "--quiet", "origin", "HEAD"]).await
}

/// The system's Git in a folder. The token travels in the environment, where only this user sees it.
struct Git<'a> {
    folder: &'a Path,
    token: &'a str,
}

impl Git<'_> {
    async fn run(&self, arguments: &[&str]) -> Result<()> {
        let settings = [
            ("http.extraHeader", format!("Authorization: Bearer {}", self.token)),
            ("user.name", "Headwater".into()),
            ("user.email", "demo@headwater.invalid".into()),
            ("credential.helper", String::new()),
        ];
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.folder).kill_on_drop(true);
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (i, (key, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{i}"), key).env(format!("GIT_CONFIG_VALUE_{i}"), value);
        }
        let done = command.output().await.context("git is not installed")?;
        if !done.status.success() {
            bail!("git {}: {}", arguments[0], String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(())
    }
}

async fn topics(api: &Api<'_>, workspace: &str, pipeline: &Pipeline) -> Result<()> {
    let path = format!("/{workspace}/topics");
    let present = names(&api.get(&path).await?);
    for topic in pipeline.topics.iter().filter(|t| !present.contains(&t.name)) {
        api.post(&path, &json!({ "name": topic.name, "configuration": topic.configuration })).await?;
    }
    Ok(())
}

async fn deployments(api: &Api<'_>, workspace: &str, pipeline: &Pipeline) -> Result<()> {
    let present = names(&api.get(&format!("/workspaces/{workspace}/deployments")).await?);
    for deployment in pipeline.deployments.iter().filter(|d| !present.contains(&d.name)) {
        let application = application(api, workspace, &deployment.application).await?;
        let variables: serde_json::Map<String, Value> = deployment
            .variables
            .iter()
            .map(|v| {
                let value = json!({ "inputType": v.input_type, "value": v.value, "required": v.required });
                (v.name.clone(), value)
            })
            .collect();
        let body = json!({
            "workspaceId": workspace,
            "applicationId": application,
            "name": deployment.name,
            "deploymentType": deployment.deployment_type,
            "useLatest": true,
            "replicas": deployment.resources.replicas,
            "cpuMillicores": deployment.resources.cpu,
            "memoryInMb": deployment.resources.memory,
            "publicAccess": deployment.public_access.enabled,
            "urlPrefix": deployment.public_access.url_prefix,
            "stateEnabled": deployment.state.enabled,
            "stateSize": deployment.state.size,
            "autoStart": deployment.desired_status == DesiredStatus::Running,
            "variables": variables,
        });
        api.post("/deployments", &body).await?;
    }
    Ok(())
}

/// The id of the application in folder `path`, once the push has been seen.
async fn application(api: &Api<'_>, workspace: &str, path: &str) -> Result<String> {
    let deadline = Instant::now() + SEEN_WITHIN;
    loop {
        let all = api.get(&format!("/{workspace}/applications")).await?;
        let found = all.as_array().into_iter().flatten().find(|a| a["path"] == path);
        if let Some(found) = found {
            return member(found, "applicationId");
        }
        if Instant::now() > deadline {
            bail!("the application '{path}' was pushed and did not appear");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The public API with a token.
struct Api<'a> {
    client: Client,
    target: &'a Target,
}

impl Api<'_> {
    async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let what = format!("{method} {path}");
        let mut request =
            self.client.request(method, format!("{}{path}", self.target.url)).bearer_auth(&self.target.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| what.clone())?;
        let status = answer.status();
        let text = answer.text().await?;
        if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
            bail!("{what}: {status} {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }
}

fn names(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["name"].as_str())
        .map(str::to_owned)
        .collect()
}

fn member(object: &Value, name: &str) -> Result<String> {
    Ok(object[name].as_str().with_context(|| format!("the answer has no '{name}'"))?.to_owned())
}

fn text(name: &str) -> Result<String> {
    let file = Samples::get(name).with_context(|| format!("{name} is not part of this binary"))?;
    Ok(String::from_utf8(file.data.into_owned())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_of_the_pipeline_is_embedded_whole() {
        let pipeline = Pipeline::parse(&text("demo/quix.yaml").unwrap()).unwrap();
        for deployment in pipeline.deployments {
            let yaml = text(&format!("{}/app.yaml", deployment.application)).unwrap();
            let application = headwater_model::Application::parse(&yaml).unwrap();
            let entry = application.run_entry_point.unwrap();
            assert!(Samples::get(&format!("{}/{entry}", deployment.application)).is_some(), "{entry}");
            for variable in deployment.variables {
                assert!(application.variables.iter().any(|v| v.name == variable.name), "{}", variable.name);
            }
        }
        assert!(Samples::get("live-dashboard/static/index.html").is_some());
    }
}
