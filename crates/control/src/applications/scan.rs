//! Rows follow the branch: each folder with an `app.yaml` is an application.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use headwater_model::{ApplicationId, ProjectId, application};
use headwater_repo::Error as Refused;
use headwater_store::{Application, CommitSummary, Workspace, clock};
use tokio::sync::broadcast::error::RecvError;

use crate::{Result, code, core::Core};

/// What a folder looks like at the head of the branch.
struct Found {
    app: std::result::Result<headwater_model::Application, String>,
    last_commit: Option<CommitSummary>,
    tree: Option<String>,
}

/// Scans on each push, for as long as the platform runs.
pub(crate) async fn follow(core: Arc<Core>) {
    let mut pushes = core.repositories.pushed();
    // What was pushed before we listened.
    scan_all(&core).await;
    loop {
        match pushes.recv().await {
            Ok(push) => scan_each(&core, Some(&push.project)).await,
            Err(RecvError::Lagged(_)) => scan_all(&core).await,
            Err(RecvError::Closed) => return,
        }
    }
}

/// Scans the branch of each workspace.
pub(crate) async fn scan_all(core: &Core) {
    scan_each(core, None).await;
}

/// Scans the branch of each workspace, or of those of a project. What goes wrong in one is logged and keeps nobody
/// else from being scanned, nor the platform from starting.
async fn scan_each(core: &Core, project: Option<&ProjectId>) {
    let workspaces = match of_project(core, project).await {
        Ok(workspaces) => workspaces,
        Err(error) => return tracing::warn!(%error, "the branches to scan could not be listed"),
    };
    for workspace in workspaces {
        if let Err(error) = scan(core, &workspace).await {
            tracing::warn!(workspace = %workspace.id, %error, "scanning a branch failed");
        }
    }
}

async fn of_project(core: &Core, project: Option<&ProjectId>) -> Result<Vec<Workspace>> {
    let read = core.store.read().await?;
    Ok(match project {
        Some(project) => read.workspaces_of(project).await?,
        None => read.workspaces().await?,
    })
}

/// Brings the rows of a workspace to what its branch has.
pub(super) async fn scan(core: &Core, workspace: &Workspace) -> Result<()> {
    let _one_at_a_time = core.scanning.lock().await;
    let found = look(core, workspace).await?;
    let mut write = core.store.write(&workspace.id).await?;
    let rows = write.applications(&workspace.id).await?;
    let mut known: HashMap<_, _> = rows.into_iter().map(|row| (row.path.clone(), row)).collect();
    for (path, found) in found {
        match known.remove(&path) {
            Some(row) => {
                let fresh = merged(row.clone(), found);
                if fresh != row {
                    write.save_application(fresh).await?;
                }
            }
            None => {
                write.create_application(merged(blank(workspace, path), found)).await?;
            }
        }
    }
    for (_, gone) in known {
        write.delete_application(gone.id).await?;
    }
    Ok(write.commit().await?)
}

/// The application's folder when `path` is that of an `app.yaml`.
pub(super) fn folder_of(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((folder, application::FILE)) => Some(folder),
        None if path == application::FILE => Some(""),
        _ => None,
    }
}

async fn look(core: &Core, workspace: &Workspace) -> Result<BTreeMap<String, Found>> {
    let (repositories, project) = (&core.repositories, &workspace.project);
    let head = match repositories.resolve(project, &format!("refs/heads/{}", workspace.branch)).await {
        Ok(head) => head.id,
        // The branch has no commit yet.
        Err(Refused::NotFound(_)) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = BTreeMap::new();
    for entry in repositories.tree(project, &head, "", true).await? {
        let Some(folder) = folder_of(&entry.path) else { continue };
        let app = code::parse(repositories, project, &head, folder).await?;
        let tree = match &app {
            Ok(app) => Some(code::content(repositories, project, &head, folder, app).await?),
            Err(_) => None,
        };
        let last = match repositories.commits(project, &head, Some(folder), 1).await {
            // The folder's name is one that cannot be asked for; the application already says so.
            Err(Refused::Invalid(_)) => Vec::new(),
            other => other?,
        };
        let last_commit = last.into_iter().next().map(|commit| CommitSummary {
            id: commit.id,
            message: commit.message.lines().next().unwrap_or_default().to_owned(),
            author: commit.author_name,
            time: commit.time,
        });
        found.insert(folder.to_owned(), Found { app, last_commit, tree });
    }
    Ok(found)
}

fn blank(workspace: &Workspace, path: String) -> Application {
    let now = clock();
    Application {
        id: ApplicationId::new(),
        workspace: workspace.id.clone(),
        path,
        app: None,
        error: None,
        last_commit: None,
        tree: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

fn merged(mut row: Application, found: Found) -> Application {
    match found.app {
        Ok(app) => (row.app, row.error) = (Some(app), None),
        // The last that could be read stays, so that the name and the pipeline's arrows do.
        Err(error) => row.error = Some(error),
    }
    row.last_commit = found.last_commit;
    row.tree = found.tree;
    row
}
