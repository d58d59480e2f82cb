//! Code of applications: from a reference in a repository to files on disk.

use std::path::Path;

use headwater_model::{Application, GitReference, Invalid, ProjectId, application};
use headwater_repo::{Error as Refused, Repositories};
use headwater_store::{DeploymentVersion, Workspace};
use sha2::{Digest, Sha256};

use crate::{Error, Result, core::Core};

/// An application's code at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) commit: String,
    /// Identifies the content: of the folder, and of the included folders where there are any.
    pub(crate) tree: String,
    pub(crate) app: Application,
    pub(crate) path: String,
    /// First line of the commit's message.
    pub(crate) message: Option<String>,
}

impl Source {
    /// What a version of a deployment was made from.
    pub(crate) fn of(version: &DeploymentVersion) -> Self {
        Self {
            commit: version.commit.clone(),
            tree: version.tree.clone(),
            app: version.app.clone(),
            path: version.path.clone(),
            message: version.commit_message.clone(),
        }
    }
}

/// The code that a reference means now.
pub(crate) async fn source(
    core: &Core,
    workspace: &Workspace,
    path: &str,
    reference: &GitReference,
) -> Result<Source> {
    let (text, what) = match reference {
        GitReference::Latest => (format!("refs/heads/{}", workspace.branch), "branch"),
        GitReference::Tag(tag) => (format!("refs/tags/{tag}"), "tag"),
        GitReference::Commit(commit) => (whole_commit(commit)?, "commit"),
    };
    let project = &workspace.project;
    let commit = core.repositories.resolve(project, &text).await.map_err(|error| match error {
        Refused::NotFound(_) | Refused::Invalid(_) => {
            let name = text.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
            Invalid::new("gitReference", format!("there is no {what} '{name}'")).into()
        }
        other => Error::from(other),
    })?;
    let message = commit.message.lines().next().map(str::to_owned);
    let commit = commit.id;
    let app = parse(&core.repositories, project, &commit, path).await?.map_err(Error::BrokenApplication)?;
    let tree = content(&core.repositories, project, &commit, path, &app).await?;
    Ok(Source { commit, tree, app, path: path.to_owned(), message })
}

fn whole_commit(commit: &str) -> Result<String> {
    let hex = commit.chars().all(|c| c.is_ascii_hexdigit());
    match hex && (7..=40).contains(&commit.len()) {
        true => Ok(commit.to_ascii_lowercase()),
        false => {
            Err(Invalid::new("gitReference", format!("'{commit}' is not a commit of 7 to 40 hex digits"))
                .into())
        }
    }
}

/// The `app.yaml` of a folder, or why it cannot be read.
pub(crate) async fn parse(
    repositories: &Repositories,
    project: &ProjectId,
    commit: &str,
    path: &str,
) -> Result<std::result::Result<Application, String>> {
    match repositories.read(project, commit, &join(path, application::FILE)).await {
        Ok(bytes) => Ok(parse_yaml(&bytes)),
        Err(Refused::NotFound(_)) => {
            Ok(Err(format!("there is no {} at this commit", join(path, application::FILE))))
        }
        // Whoever pushes chooses names and sizes: what cannot be read is wrong with that application alone.
        Err(Refused::Invalid(why)) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

fn parse_yaml(bytes: &[u8]) -> std::result::Result<Application, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", application::FILE))?;
    Application::parse(text).map_err(|error| error.to_string())
}

/// Identifies the content that a build is made from.
pub(crate) async fn content(
    repositories: &Repositories,
    project: &ProjectId,
    commit: &str,
    path: &str,
    app: &Application,
) -> Result<String> {
    let missing = || Refused::NotFound(format!("there is no folder '{path}' at this commit"));
    let own = repositories.tree_id(project, commit, path).await?.ok_or_else(missing)?;
    if app.included_folders.is_empty() {
        return Ok(own);
    }
    let mut hash = Sha256::new_with_prefix(&own);
    for folder in &app.included_folders {
        // A folder that does not stand is told by the build.
        let tree = repositories.tree_id(project, commit, folder).await?.unwrap_or_default();
        hash.update(format!("\n{folder} {tree}"));
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes the files of a version to a fresh folder: the application's own, and included folders under their path in
/// the repository.
pub(crate) async fn export(
    core: &Core,
    project: &ProjectId,
    version: &DeploymentVersion,
    to: &Path,
) -> Result<()> {
    let folder = to.to_owned();
    tokio::fs::create_dir_all(&folder).await.map_err(Error::io(format!("making {}", folder.display())))?;
    core.repositories.export(project, &version.commit, &version.path, to).await?;
    for included in &version.app.included_folders {
        let inner = to.join(included);
        tokio::fs::create_dir_all(&inner).await.map_err(Error::io(format!("making {}", inner.display())))?;
        core.repositories.export(project, &version.commit, included, &inner).await?;
    }
    Ok(())
}

/// A project's repository with a first commit, made when it is missing.
pub(crate) async fn ensure_repository(core: &Core, workspace: &Workspace) -> Result<()> {
    let project = &workspace.project;
    if core.repositories.exists(project).await? {
        return Ok(());
    }
    let readme = format!(
        "# {project}\n\nEach folder with an `app.yaml` is an application. Push to `{}`, then deploy.\n",
        workspace.branch
    );
    Ok(core.repositories.create(project, &workspace.branch, &readme).await?)
}

/// A path within a folder; the repository's root is the empty path.
pub(crate) fn join(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}
