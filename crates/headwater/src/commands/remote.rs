//! The platform whose public API a command uses, and what is meant on it.

use anyhow::{Result, bail};
use clap::Args;
use headwater_model::{DeploymentId, WorkspaceId};
use serde::Deserialize;

use super::target::Target;
use crate::client::{Access, Api, Door};

/// Which platform: the one of a data folder on this machine, or one that is reached over HTTP.
#[derive(Debug, Args)]
pub struct Remote {
    #[command(flatten)]
    target: Target,
    /// Address of the platform's HTTP port, in place of a data folder
    #[arg(long, value_name = "URL", env = "HEADWATER_URL", requires = "token")]
    url: Option<String>,
    /// Token for that address; `headwater token create` makes one
    #[arg(long, value_name = "TOKEN", env = "HEADWATER_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// A deployment, as far as commands need it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Its id.
    pub deployment_id: String,
    /// Shown name.
    pub name: String,
    /// Whose it is.
    pub workspace_id: String,
    /// How many run side by side.
    pub replicas: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Workspace {
    workspace_id: String,
}

impl Remote {
    /// The platform.
    pub fn api(&self) -> Result<Api> {
        let access = match (&self.url, &self.token) {
            (Some(url), Some(token)) => Access::Given(Door { url: url.clone(), token: token.clone() }),
            _ => Access::Local(self.target.config()?.data_dir),
        };
        Ok(Api::new(access))
    }
}

/// The deployment that an id or a name means, in one workspace or in all.
pub async fn deployment(api: &Api, meant: &str, workspace: Option<&WorkspaceId>) -> Result<Deployment> {
    if meant.parse::<DeploymentId>().is_ok() {
        return api.get(&format!("/deployments/{meant}"), &[]).await;
    }
    let workspaces = match workspace {
        Some(workspace) => vec![workspace.to_string()],
        None => {
            let all: Vec<Workspace> = api.get("/workspaces", &[]).await?;
            all.into_iter().map(|workspace| workspace.workspace_id).collect()
        }
    };
    let mut all: Vec<Deployment> = Vec::new();
    for workspace in workspaces {
        all.extend(api.get::<Vec<_>>(&format!("/workspaces/{workspace}/deployments"), &[]).await?);
    }
    one_of(all, meant)
}

fn one_of(all: Vec<Deployment>, meant: &str) -> Result<Deployment> {
    let (mut named, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.name == meant);
    match (named.pop(), named.as_slice()) {
        (Some(one), []) => Ok(one),
        (Some(one), more) => {
            let places: Vec<_> = more.iter().chain([&one]).map(|one| one.workspace_id.as_str()).collect();
            bail!("there are deployments '{meant}' in {}: give --workspace", places.join(", "))
        }
        (None, _) if others.is_empty() => bail!("there is no deployment '{meant}', nor any other"),
        (None, _) => {
            let mut names: Vec<_> = others.iter().map(|one| one.name.as_str()).collect();
            names.sort_unstable();
            bail!("there is no deployment '{meant}'; there are {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(name: &str, workspace: &str) -> Deployment {
        Deployment {
            deployment_id: "1".into(),
            name: name.into(),
            workspace_id: workspace.into(),
            replicas: 1,
        }
    }

    #[test]
    fn a_name_means_one_deployment_or_says_why_not() {
        let all = || vec![deployment("a", "w-1"), deployment("b", "w-1"), deployment("b", "w-2")];
        assert_eq!(one_of(all(), "a").unwrap().workspace_id, "w-1");
        assert!(one_of(all(), "b").unwrap_err().to_string().contains("w-1, w-2: give --workspace"));
        assert!(one_of(all(), "c").unwrap_err().to_string().contains("there are a, b, b"));
        assert!(one_of(Vec::new(), "c").is_err());
    }
}
