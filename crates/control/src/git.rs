//! Who may fetch from and push to a repository.

use headwater_model::{Principal, ProjectId};
use headwater_repo::Repositories;

use crate::Result;

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
pub struct Git {}

impl Git {
    /// The project whose bare repository answers at `/git/{organisation}/{project}.git`, when the caller may.
    /// `project` may be written with or without the organisation.
    pub async fn authorise(
        &self,
        _who: &Principal,
        _organisation: &str,
        _project: &str,
        _service: Service,
    ) -> Result<ProjectId> {
        todo!()
    }

    /// The repositories, for smart HTTP on the project that [`Git::authorise`] answered.
    pub fn repositories(&self) -> &Repositories {
        todo!()
    }
}
