//! Who may fetch from and push to a repository.

use std::sync::Arc;

use headwater_model::{Action, Principal, ProjectId, Resource};
use headwater_repo::Repositories;

use crate::{Error, Result, core::Core};

/// What a Git client wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `git-upload-pack`: clone, fetch, pull.
    Fetch,
    /// `git-receive-pack`: push.
    Push,
}

/// Access to repositories.
#[derive(Clone)]
pub struct Git {
    pub(crate) core: Arc<Core>,
}

impl Git {
    /// The project whose bare repository answers at `/git/{organisation}/{project}.git`, when the caller may.
    /// `project` may be written with or without the organisation.
    pub async fn authorise(
        &self,
        who: &Principal,
        organisation: &str,
        project: &str,
        service: Service,
    ) -> Result<ProjectId> {
        let missing = || Error::not_found("repository", format!("{organisation}/{project}"));
        let full = match project.strip_prefix(organisation).is_some_and(|rest| rest.starts_with('-')) {
            true => project.to_owned(),
            false => format!("{organisation}-{project}"),
        };
        let id: ProjectId = full.parse().map_err(|_| missing())?;
        let read = self.core.store.read().await?;
        let owner = read.organisation_of(&id).await?;
        let workspaces = read.workspaces_of(&id).await?.into_iter().map(|row| row.id).collect();
        let action = match service {
            Service::Fetch => Action::Read,
            Service::Push => Action::Write,
        };
        let what = Resource::Repository { workspaces };
        self.core.reach(who, action, &what, format!("{organisation}/{project}"))?;
        match owner.is_some_and(|owner| owner.as_str() == organisation) {
            true => Ok(id),
            false => Err(missing()),
        }
    }

    /// The repositories, for smart HTTP on the project that [`Git::authorise`] answered.
    pub fn repositories(&self) -> &Repositories {
        &self.core.repositories
    }
}
