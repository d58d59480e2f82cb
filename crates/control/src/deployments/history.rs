//! The versions of a deployment: what they were, what became of them, and the way back.

use std::collections::BTreeMap;

use headwater_model::{Action, DeploymentId, Principal};
use headwater_store::{DeploymentVersion, User};

use super::{Deployment, Deployments, TRIES, difference::difference, find, view};
use crate::{Error, FieldChange, Result};

/// A version of a deployment as callers read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// What it was; hidden values are masked.
    pub version: DeploymentVersion,
    /// It is the one that should run.
    pub current: bool,
    /// Its replicas serve.
    pub serving: bool,
    /// Who asked for it.
    pub created_by: Option<User>,
    /// What differs from the version before it.
    pub changes: Vec<FieldChange>,
}

/// A file that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Path from the repository's root.
    pub path: String,
    /// How it differs.
    pub change: FileChangeKind,
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChangeKind {
    /// Only the later version has it.
    Added,
    /// Only the earlier version has it.
    Removed,
    /// Both have it, with other content.
    Modified,
}

impl Deployments {
    /// Its versions, newest first.
    pub async fn versions(&self, who: &Principal, id: DeploymentId) -> Result<Vec<Version>> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let read = self.core.store.read().await?;
        let versions = read.versions(id).await?;
        let users: BTreeMap<String, User> =
            read.users().await?.into_iter().map(|user| (user.id.clone(), user)).collect();
        let changes: Vec<_> = versions
            .iter()
            .zip(versions.iter().skip(1).map(Some).chain([None]))
            .map(|(version, before)| before.map(|before| difference(before, version)).unwrap_or_default())
            .collect();
        let shown = |(version, changes): (DeploymentVersion, Vec<FieldChange>)| Version {
            current: version.version == row.version,
            serving: Some(version.version) == row.running_version,
            created_by: version.created_by.as_ref().and_then(|id| users.get(id)).cloned(),
            changes,
            version: DeploymentVersion { spec: view::masked(version.spec.clone()), ..version },
        };
        Ok(versions.into_iter().zip(changes).map(shown).collect())
    }

    /// What differs from version `against` to `version`: settings, and files of the application.
    pub async fn changes(
        &self,
        who: &Principal,
        id: DeploymentId,
        version: u32,
        against: u32,
    ) -> Result<(Vec<FieldChange>, Vec<FileChange>)> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let read = self.core.store.read().await?;
        let project = read.workspace(&row.workspace).await?.project;
        let get = async |number: u32| {
            read.version(id, number).await?.ok_or_else(|| Error::not_found("version", number))
        };
        let (before, after) = (get(against).await?, get(version).await?);
        let mut files = Vec::new();
        if before.tree != after.tree {
            let (old, new) = (self.files(&project, &before).await?, self.files(&project, &after).await?);
            files = compare(&old, &new);
        }
        Ok((difference(&before, &after), files))
    }

    /// Has a version of before run again: its code, variables and limits together, as a new version.
    pub async fn roll_back(&self, who: &Principal, id: DeploymentId, to: u32) -> Result<Deployment> {
        for _ in 0..TRIES {
            if self.try_roll_back(who, id, to).await? {
                return Ok(self.get(who, id).await?.value);
            }
        }
        Err(Error::Stale { what: "deployment" })
    }

    /// The files that a version is made from, with the id of their content.
    async fn files(
        &self,
        project: &headwater_model::ProjectId,
        version: &DeploymentVersion,
    ) -> Result<BTreeMap<String, String>> {
        let mut all = BTreeMap::new();
        for folder in std::iter::once(&version.path).chain(&version.app.included_folders) {
            match self.core.repositories.tree(project, &version.commit, folder, true).await {
                Ok(found) => all.extend(found.into_iter().map(|entry| (entry.path, entry.id))),
                // An included folder need not stand.
                Err(headwater_repo::Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all)
    }
}

fn compare(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<FileChange> {
    let mut all: Vec<_> = old
        .keys()
        .filter(|path| !new.contains_key(*path))
        .map(|path| FileChange { path: path.clone(), change: FileChangeKind::Removed })
        .collect();
    for (path, id) in new {
        let change = match old.get(path) {
            None => FileChangeKind::Added,
            Some(before) if before != id => FileChangeKind::Modified,
            Some(_) => continue,
        };
        all.push(FileChange { path: path.clone(), change });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}
