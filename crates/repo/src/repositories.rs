//! The folder of repositories: making, opening and finding them.

use std::{io, path::PathBuf, sync::Arc};

use headwater_model::ProjectId;
use tokio::sync::{Semaphore, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Change, Error, Pushed, Result, commit, disk, refs};

/// Prefix of folders of repositories that are being made.
const UNFINISHED: &str = ".new-";
/// Most conversations with Git clients at one time; more wait.
const CONVERSATIONS: usize = 32;

/// The bare repositories of all projects, `{project}.git` under one folder.
#[derive(Clone)]
pub struct Repositories {
    pub(crate) root: Arc<std::path::Path>,
    pub(crate) pushed: broadcast::Sender<Pushed>,
    /// Conversations with Git clients.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    pub(crate) slots: Arc<Semaphore>,
}

impl Repositories {
    /// Opens the folder, makes it when it is missing, and clears what an interrupted start left.
    pub fn open(root: PathBuf) -> Result<Self> {
        let fail = || Error::io(format!("opening {}", root.display()));
        std::fs::create_dir_all(&root).map_err(fail())?;
        for entry in std::fs::read_dir(&root).map_err(fail())? {
            let entry = entry.map_err(fail())?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                std::fs::remove_dir_all(entry.path()).map_err(fail())?;
            }
        }
        let root = root.canonicalize().map_err(fail())?;
        Ok(Self {
            root: root.into(),
            pushed: broadcast::Sender::new(64),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            slots: Arc::new(Semaphore::new(CONVERSATIONS)),
        })
    }

    /// Branches and tags that move from now on, by a push or by [`Repositories::commit_files`].
    pub fn pushed(&self) -> broadcast::Receiver<Pushed> {
        self.pushed.subscribe()
    }

    /// Ends the conversations with Git clients and waits until their processes are gone.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Whether the project has a repository.
    pub async fn exists(&self, project: &ProjectId) -> Result<bool> {
        let folder = self.folder(project);
        tokio::fs::try_exists(&folder).await.map_err(Error::io(format!("looking for {}", folder.display())))
    }

    /// Makes a project's repository, whose first commit on `branch` (also the default branch) holds a README.md.
    /// One that exists stays as it is.
    pub async fn create(&self, project: &ProjectId, branch: &str, readme: &str) -> Result<()> {
        if self.exists(project).await? {
            return Ok(());
        }
        let (this, project) = (self.clone(), project.clone());
        let (branch, readme) = (branch.to_owned(), readme.to_owned());
        blocking(move || this.make(&project, &branch, readme)).await
    }

    fn make(&self, project: &ProjectId, branch: &str, readme: String) -> Result<()> {
        let name = refs::branch(branch)?;
        let fail = || Error::io(format!("making the repository '{project}'"));
        let fresh = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&self.root).map_err(fail())?;
        gix::ThreadSafeRepository::init_opts(
            fresh.path(),
            gix::create::Kind::Bare,
            gix::create::Options::default(),
            options(),
        )?;
        // Examples of hooks, which are never run.
        std::fs::remove_dir_all(fresh.path().join("hooks")).map_err(fail())?;
        std::fs::write(fresh.path().join("HEAD"), format!("ref: {}\n", name.as_bstr())).map_err(fail())?;
        let repository = gix::open_opts(fresh.path(), options())?;
        let first = Change::Put { path: "README.md".into(), content: readme.into(), executable: false };
        commit::begin(repository, &name, &[first])?;
        disk::sync_all(fresh.path())?;
        match std::fs::rename(fresh.path(), self.folder(project)) {
            Ok(()) => {
                let _renamed = fresh.keep();
                disk::sync(&self.folder(project))
            }
            // Somebody else made it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            Err(error) => Err(fail()(error)),
        }
    }

    /// A project's repository on disk. A project's id is a DNS label, so it names one folder below the root.
    pub(crate) fn folder(&self, project: &ProjectId) -> PathBuf {
        self.root.join(format!("{project}.git"))
    }

    /// Works on a project's repository where blocking is allowed.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        project: &ProjectId,
        work: impl FnOnce(gix::Repository) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (folder, project) = (self.folder(project), project.clone());
        blocking(move || {
            if !folder.is_dir() {
                return Err(missing(&project));
            }
            work(gix::open_opts(folder, options())?)
        })
        .await
    }
}

/// There is no such repository.
pub(crate) fn missing(project: &ProjectId) -> Error {
    Error::NotFound(format!("there is no repository '{project}'"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(Error::Git(error.to_string())),
    }
}

/// Reads nothing from the environment or from the machine's configuration. Writers wait for each other's locks, so
/// that the later one learns how the branch moved.
fn options() -> gix::open::Options {
    gix::open::Options::isolated()
        .with(gix::sec::Trust::Full)
        .open_path_as_is(true)
        .config_overrides(["core.filesRefLockTimeout=5000", "core.packedRefsTimeout=5000"])
}
