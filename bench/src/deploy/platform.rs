//! A platform of its own, driven as a user drives one: Git and the Portal API.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::Version;

const PATIENCE: Duration = Duration::from_secs(120);
/// How often the log is asked for, which bounds the error of a measurement.
const LOOK: Duration = Duration::from_millis(10);
const APP: &str = "name: hello\nlanguage: Python\nrunEntryPoint: main.py\n";

pub(crate) struct Platform {
    child: Child,
    url: String,
    token: String,
    workspace: String,
    client: Client,
    folder: TempDir,
    deployment: std::cell::OnceCell<String>,
}

impl Platform {
    /// Starts a platform on a folder in `dir`, with variables that set it up, and clones its project.
    pub(crate) async fn start(binary: &Path, dir: &Path, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(dir)?;
        let data = folder.path().join("data");
        let mut command = Command::new(binary);
        command.envs(variables.iter().copied()).arg("serve").arg("--data-dir").arg(&data);
        for flag in ["--http-addr", "--kafka-addr", "--public-addr"] {
            command.args([flag, "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().context("standard output is piped")?;
        let mut lines = BufReader::new(output).lines();
        let url = loop {
            let line = lines.next_line().await?.context("the platform ended while it started")?;
            let ready = line.strip_prefix("headwater ready http=");
            if let Some(url) = ready.and_then(|rest| rest.split(' ').next()) {
                break url.to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let token = Command::new(binary).args(["token", "create", "--data-dir"]).arg(&data).output().await?;
        let token = String::from_utf8(token.stdout)?.trim().to_owned();
        let (client, deployment) = (Client::new(), std::cell::OnceCell::new());
        let mut platform = Self { child, url, token, workspace: String::new(), client, folder, deployment };
        let workspace = platform.call(Method::GET, "/workspaces", None).await?[0].clone();
        platform.workspace = text(&workspace, "workspaceId")?;
        platform.clone_project(&text(&workspace, "repositoryId")?).await?;
        Ok(platform)
    }

    /// Pushes the application's first version and waits for its line.
    pub(crate) async fn deploy(&self, version: &Version) -> anyhow::Result<()> {
        self.commit(version).await?;
        self.git(&["push", "--quiet", "origin", "HEAD"]).await?;
        let path = format!("/{}/applications", self.workspace);
        let started = Instant::now();
        let application = loop {
            let applications = self.call(Method::GET, &path, None).await?;
            let found = applications.as_array().into_iter().flatten().find(|a| a["path"] == "hello");
            if let Some(found) = found {
                break text(found, "applicationId")?;
            }
            ensure!(started.elapsed() < PATIENCE, "the push was not seen");
            tokio::time::sleep(LOOK).await;
        };
        let body = json!({ "workspaceId": self.workspace, "applicationId": application, "name": "hello" });
        let deployment = self.call(Method::POST, "/deployments", Some(body)).await?;
        let _ = self.deployment.set(text(&deployment, "deploymentId")?);
        self.wait_for(&version.line).await
    }

    /// Pushes a version and deploys it; milliseconds from the start of the push to its first line.
    pub(crate) async fn push(&self, version: &Version) -> anyhow::Result<f64> {
        self.commit(version).await?;
        let started = Instant::now();
        self.git(&["push", "--quiet", "origin", "HEAD"]).await?;
        let path = format!("/deployments/{}", self.deployment()?);
        self.call(Method::PATCH, &path, Some(json!({ "useLatest": true }))).await?;
        self.wait_for(&version.line).await?;
        Ok(started.elapsed().as_secs_f64() * 1e3)
    }

    /// Rolls back to a version whose first line is `line`; milliseconds until that line, and until the platform says
    /// that it runs and serves.
    pub(crate) async fn roll_back(&self, to: u32, line: &str) -> anyhow::Result<(f64, f64)> {
        let path = format!("/deployments/{}", self.deployment()?);
        let started = Instant::now();
        let body = json!({ "version": to });
        let version =
            self.call(Method::POST, &format!("{path}/rollback"), Some(body)).await?["version"].clone();
        self.wait_for(line).await?;
        let first_line = started.elapsed().as_secs_f64() * 1e3;
        loop {
            let now = self.call(Method::GET, &path, None).await?;
            if now["status"] == "Running" && now["runningVersion"] == version {
                return Ok((first_line, started.elapsed().as_secs_f64() * 1e3));
            }
            ensure!(started.elapsed() < PATIENCE, "the roll back does not end: {}", now["statusReason"]);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Deploys what is deployed already once more, under another name, and removes it; milliseconds until its first
    /// line. Fails when anything was built.
    pub(crate) async fn deploy_again(&self, name: &str, line: &str) -> anyhow::Result<f64> {
        let path = format!("/deployments/{}", self.deployment()?);
        let application = text(&self.call(Method::GET, &path, None).await?, "applicationId")?;
        let body = json!({ "workspaceId": self.workspace, "applicationId": application, "name": name });
        let started = Instant::now();
        let deployment = self.call(Method::POST, "/deployments", Some(body)).await?;
        let id = text(&deployment, "deploymentId")?;
        self.wait_for_line(&id, line).await?;
        let elapsed = started.elapsed().as_secs_f64() * 1e3;
        let log = self.request(Method::GET, &format!("/deployments/{id}/buildlogs")).send().await?;
        ensure!(!log.text().await?.contains("uv pip"), "something was installed");
        self.call(Method::DELETE, &format!("/deployments/{id}"), None).await?;
        Ok(elapsed)
    }

    /// Removes the deployment and ends the platform in order.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.call(Method::DELETE, &format!("/deployments/{}", self.deployment()?), None).await?;
        let path = format!("/workspaces/{}/deployments", self.workspace);
        let started = Instant::now();
        while self.call(Method::GET, &path, None).await?.as_array().is_some_and(|all| !all.is_empty()) {
            ensure!(started.elapsed() < PATIENCE, "the deployment is not deleted");
            tokio::time::sleep(LOOK).await;
        }
        let id = self.child.id().context("the platform has ended")?.to_string();
        ensure!(Command::new("kill").arg(&id).status().await?.success(), "kill {id} failed");
        self.child.wait().await?;
        Ok(())
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn deployment(&self) -> anyhow::Result<&str> {
        self.deployment.get().map(String::as_str).context("nothing is deployed")
    }

    async fn wait_for(&self, line: &str) -> anyhow::Result<()> {
        self.wait_for_line(self.deployment()?, line).await
    }

    async fn wait_for_line(&self, id: &str, line: &str) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let answer = self.request(Method::GET, &format!("/deployments/{id}/logs/current")).send().await?;
            if answer.status().is_success() && answer.text().await?.contains(line) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                let deployment = self.call(Method::GET, &format!("/deployments/{id}"), None).await?;
                bail!("no {line:?}; it is {}: {}", deployment["status"], deployment["statusReason"]);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self.request(method, path);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    async fn clone_project(&self, repository: &str) -> anyhow::Result<()> {
        let (organisation, project) = repository.split_once('-').context("a repository id has two parts")?;
        let address = self.url.trim_start_matches("http://");
        let url = format!("http://x:{}@{address}/git/{organisation}/{project}.git", self.token);
        fs::create_dir(self.checkout())?;
        self.git(&["clone", "--quiet", &url, "."]).await
    }

    async fn commit(&self, version: &Version) -> anyhow::Result<()> {
        let folder = self.checkout().join("hello");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("app.yaml"), APP)?;
        fs::write(folder.join("main.py"), version.program())?;
        fs::write(folder.join("requirements.txt"), &version.requirements)?;
        self.git(&["add", "--all"]).await?;
        self.git(&[
            "-c",
            "user.name=Bench",
            "-c",
            "user.email=bench@headwater.invalid",
            "commit",
            "-qm",
            &version.line,
        ])
        .await
    }

    async fn git(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.checkout()).env("GIT_TERMINAL_PROMPT", "0");
        ensure!(git.status().await?.success(), "git {} failed", arguments[0]);
        Ok(())
    }
}

fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    let text = value[name].as_str().with_context(|| format!("{name} is missing in {value}"))?;
    Ok(text.to_owned())
}
