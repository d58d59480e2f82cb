//! Rows follow the branch: each folder with an `app.yaml` is an application.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use headwater_model::{ApplicationId, application};
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
    if let Err(error) = scan_all(&core).await {
        tracing::warn!(%error, "scanning the branches failed");
    }
    loop {
        let scanned = match pushes.recv().await {
            Ok(push) => scan_project(&core, &push.project).await,
            Err(RecvError::Lagged(_)) => scan_all(&core).await,
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = scanned {
            tracing::warn!(%error, "scanning a pushed branch failed");
        }
    }
}

/// Scans the branch of each workspace.
pub(crate) async fn scan_all(core: &Core) -> Result<()> {
    let workspaces = core.store.read().await?.workspaces().await?;
    for workspace in workspaces {
        scan(core, &workspace).await?;
    }
    Ok(())
}

async fn scan_project(core: &Core, project: &headwater_model::ProjectId) -> Result<()> {
    let workspaces = core.store.read().await?.workspaces_of(project).await?;
    for workspace in workspaces {
        scan(core, &workspace).await?;
    }
    Ok(())
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
        let folder = match entry.path.rsplit_once('/') {
            Some((folder, application::FILE)) => folder,
            None if entry.path == application::FILE => "",
            _ => continue,
        };
        let app = code::parse(repositories, project, &head, folder).await?;
        let tree = match &app {
            Ok(app) => Some(code::content(repositories, project, &head, folder, app).await?),
            Err(_) => None,
        };
        let last = repositories.commits(project, &head, Some(folder), 1).await?;
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
