//! Applications: folders with an `app.yaml` on the workspace's branch. Rows follow pushes.

mod scan;
mod template;

use std::sync::Arc;

use headwater_model::{Action, ApplicationId, Invalid, Principal, Resource, WorkspaceId, application, name};
use headwater_repo::{Change, Commit, Entry, EntryKind, Error as Refused, Tag};
use headwater_store::{Application, Workspace};

pub(crate) use scan::{follow, scan_all};

use crate::{Error, Result, Seen, core::Core};

/// An application to be made by a commit.
#[derive(Debug, Clone)]
pub struct CreateApplication {
    /// Shown name.
    pub name: String,
    /// Its folder; none is made of the name.
    pub path: Option<String>,
    /// `python`, `node`, …
    pub language: String,
}

/// Applications.
#[derive(Clone)]
pub struct Applications {
    pub(crate) core: Arc<Core>,
}

impl Applications {
    /// All of a workspace, by name.
    pub async fn list(&self, who: &Principal, workspace: &WorkspaceId) -> Result<Seen<Vec<Application>>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Application(workspace.clone()))?;
        let read = self.core.store.read().await?;
        let as_of = read.seq(workspace).await?;
        let mut all = read.applications(workspace).await?;
        all.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(Seen { as_of, value: all })
    }

    /// One.
    pub async fn get(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        id: ApplicationId,
    ) -> Result<Seen<Application>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Application(workspace.clone()))?;
        let read = self.core.store.read().await?;
        let as_of = read.seq(workspace).await?;
        let found = read.application(id).await?.filter(|found| found.workspace == *workspace);
        Ok(Seen { as_of, value: found.ok_or_else(|| Error::not_found("application", id))? })
    }

    /// Commits a folder with an `app.yaml` and a first program to the workspace's branch.
    pub async fn create(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        asked: CreateApplication,
    ) -> Result<Application> {
        self.core.enter(who, workspace, Action::Create, &Resource::Application(workspace.clone()))?;
        name::display("name", &asked.name)?;
        let path = folder(&asked)?;
        let place = self.core.store.read().await?.workspace(workspace).await?;
        let missing = || Error::not_found("application", &path);
        if self.entries(&place, None, &path).await.is_ok_and(|entries| !entries.is_empty()) {
            return Err(Error::Taken { what: "application path", name: path });
        }
        let files = template::files(&asked.name, &asked.language)?;
        let put = |(file, text): (String, String)| Change::Put {
            path: format!("{path}/{file}"),
            content: text.into(),
            executable: false,
        };
        let changes = files.into_iter().map(put).collect();
        self.commit(who, &place, changes, &format!("Add {}", asked.name)).await?;
        scan::scan(&self.core, &place).await?;
        let all = self.core.store.read().await?.applications(workspace).await?;
        all.into_iter().find(|found| found.path == path).ok_or_else(missing)
    }

    /// Removes the folder by a commit. One that deployments run, or that another application lies in, is kept.
    pub async fn delete(&self, who: &Principal, workspace: &WorkspaceId, id: ApplicationId) -> Result<()> {
        self.core.enter(who, workspace, Action::Delete, &Resource::Application(workspace.clone()))?;
        let (place, row) = self.find(who, workspace, id).await?;
        let deployments = self.core.store.read().await?.deployments(workspace).await?;
        let users: Vec<_> = deployments
            .into_iter()
            .filter(|of| of.spec.application_id == id && !of.deleting)
            .map(|of| of.spec.name)
            .collect();
        if !users.is_empty() {
            return Err(Error::ApplicationInUse { application: row.name().to_owned(), users });
        }
        let entries = self.entries(&place, None, &row.path).await?;
        let folders = entries.iter().filter_map(|entry| scan::folder_of(&entry.path));
        let inner: Vec<_> = folders.filter(|folder| *folder != row.path).map(str::to_owned).collect();
        if !inner.is_empty() {
            return Err(Error::ApplicationHolds { application: row.name().to_owned(), inner });
        }
        let files = entries.into_iter().filter(|entry| entry.kind != EntryKind::Folder);
        let gone = files.map(|entry| Change::Delete { path: entry.path }).collect();
        self.commit(who, &place, gone, &format!("Remove {}", row.name())).await?;
        scan::scan(&self.core, &place).await
    }

    /// The folder's files at a commit, tag or branch; none is the workspace's branch. Paths are relative to it.
    pub async fn files(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        id: ApplicationId,
        reference: Option<&str>,
    ) -> Result<Vec<Entry>> {
        let (place, row) = self.find(who, workspace, id).await?;
        let mut entries = self.entries(&place, reference, &row.path).await?;
        for entry in &mut entries {
            if let Some(inner) = entry.path.strip_prefix(&row.path) {
                entry.path = inner.trim_start_matches('/').to_owned();
            }
        }
        Ok(entries)
    }

    /// Commits that touched the folder, newest first, at most `limit`.
    pub async fn commits(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        id: ApplicationId,
        reference: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Commit>> {
        let (place, row) = self.find(who, workspace, id).await?;
        let commit = self.resolve(&place, reference).await?;
        Ok(self
            .core
            .repositories
            .commits(&place.project, &commit, Some(&row.path), limit.clamp(1, 1000))
            .await?)
    }

    /// Tags of the repository.
    pub async fn tags(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        id: ApplicationId,
    ) -> Result<Vec<Tag>> {
        let (place, _) = self.find(who, workspace, id).await?;
        Ok(self.core.repositories.tags(&place.project).await?)
    }

    async fn find(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        id: ApplicationId,
    ) -> Result<(Workspace, Application)> {
        let row = self.get(who, workspace, id).await?.value;
        Ok((self.core.store.read().await?.workspace(workspace).await?, row))
    }

    async fn resolve(&self, place: &Workspace, reference: Option<&str>) -> Result<String> {
        let branch = format!("refs/heads/{}", place.branch);
        let reference = reference.unwrap_or(&branch);
        let found = self.core.repositories.resolve(&place.project, reference).await;
        found.map(|commit| commit.id).map_err(|error| match error {
            Refused::NotFound(_) | Refused::Invalid(_) => Error::not_found("reference", reference),
            other => other.into(),
        })
    }

    /// Files below a folder, with paths from the repository's root.
    async fn entries(&self, place: &Workspace, reference: Option<&str>, path: &str) -> Result<Vec<Entry>> {
        let commit = self.resolve(place, reference).await?;
        Ok(self.core.repositories.tree(&place.project, &commit, path, true).await?)
    }

    async fn commit(
        &self,
        who: &Principal,
        place: &Workspace,
        changes: Vec<Change>,
        message: &str,
    ) -> Result<()> {
        let (name, email) = match who {
            Principal::User { user, .. } => {
                let person = self.core.store.read().await?.user(user).await?;
                let person = person.ok_or_else(|| Error::not_found("user", user))?;
                (format!("{} {}", person.first_name, person.last_name).trim().to_owned(), person.email)
            }
            _ => ("Headwater".into(), "headwater@localhost".into()),
        };
        let author = (name.as_str(), email.as_str());
        self.core.repositories.commit_files(&place.project, &place.branch, message, author, changes).await?;
        Ok(())
    }
}

fn folder(asked: &CreateApplication) -> Result<String> {
    let path = match &asked.path {
        Some(path) => path.trim_matches('/').to_owned(),
        None => name::slug(&asked.name, 60),
    };
    application::inside(&path)?;
    let word = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.chars().any(char::is_control);
    match path.split('/').all(word) && path.len() <= 200 {
        true => Ok(path),
        false => {
            Err(Invalid::new("path", "must be a folder of up to 200 characters, without hidden parts").into())
        }
    }
}
