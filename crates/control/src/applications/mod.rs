//! Applications: folders with an `app.yaml` on the workspace's branch. Rows follow pushes.

use headwater_model::{ApplicationId, Principal, WorkspaceId};
use headwater_repo::{Commit, Entry, Tag};
use headwater_store::Application;

use crate::{Result, Seen};

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
pub struct Applications {}

impl Applications {
    /// All of a workspace, by name.
    pub async fn list(&self, _who: &Principal, _workspace: &WorkspaceId) -> Result<Seen<Vec<Application>>> {
        todo!()
    }

    /// One.
    pub async fn get(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _id: ApplicationId,
    ) -> Result<Seen<Application>> {
        todo!()
    }

    /// Commits a folder with an `app.yaml` and a first program to the workspace's branch.
    pub async fn create(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _application: CreateApplication,
    ) -> Result<Application> {
        todo!()
    }

    /// Removes the folder by a commit. One that deployments run is kept.
    pub async fn delete(&self, _who: &Principal, _workspace: &WorkspaceId, _id: ApplicationId) -> Result<()> {
        todo!()
    }

    /// The folder's files at a commit, tag or branch; none is the workspace's branch. Paths are relative to it.
    pub async fn files(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _id: ApplicationId,
        _reference: Option<&str>,
    ) -> Result<Vec<Entry>> {
        todo!()
    }

    /// Commits that touched the folder, newest first, at most `limit`.
    pub async fn commits(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _id: ApplicationId,
        _reference: Option<&str>,
        _limit: usize,
    ) -> Result<Vec<Commit>> {
        todo!()
    }

    /// Tags of the repository.
    pub async fn tags(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _id: ApplicationId,
    ) -> Result<Vec<Tag>> {
        todo!()
    }
}
