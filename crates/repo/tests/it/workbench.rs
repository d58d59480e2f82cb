//! A folder of repositories, with a Git client beside it.

use std::{
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use bytes::Bytes;
use headwater_model::ProjectId;
use headwater_repo::{Change, Pushed, Repositories};
use tempfile::TempDir;
use tokio::{process::Command, sync::broadcast, time::timeout};

use crate::server::Server;

/// Who commits in these tests.
pub(crate) const ADA: (&str, &str) = ("Ada Lovelace", "ada@example.com");

/// One project with a repository, served.
pub(crate) struct Workbench {
    pub(crate) repositories: Repositories,
    pub(crate) project: ProjectId,
    pub(crate) server: Server,
    folder: TempDir,
}

impl Workbench {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repositories = Repositories::open(folder.path().join("repos")).unwrap();
        let project = "acme-demo".parse().unwrap();
        repositories.create(&project, "main", "# Demo\n").await.unwrap();
        let server = Server::start(repositories.clone()).await;
        Self { repositories, project, server, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The bare repository on disk.
    pub(crate) fn bare(&self) -> PathBuf {
        self.path("repos").join("acme-demo.git")
    }

    /// A fresh clone over HTTP.
    pub(crate) async fn clone(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        git(self.folder.path(), &["clone", "-q", &self.server.url(&self.project), to.to_str().unwrap()])
            .await;
        to
    }

    /// Writes a file of a clone and commits it; answers with the commit.
    pub(crate) async fn commit(&self, clone: &Path, file: &str, content: impl AsRef<[u8]>) -> String {
        let path = clone.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        git(clone, &["add", "-A"]).await;
        git(clone, &["commit", "-qm", &format!("Write {file}")]).await;
        git(clone, &["rev-parse", "HEAD"]).await
    }

    /// Commits through the platform.
    pub(crate) async fn put(&self, path: &str, content: &str) -> headwater_repo::Result<String> {
        self.repositories
            .commit_files(&self.project, "main", "Put a file", ADA, vec![put(path, content)])
            .await
    }
}

pub(crate) fn put(path: &str, content: &str) -> Change {
    Change::Put {
        path: path.into(),
        content: Bytes::copy_from_slice(content.as_bytes()),
        executable: path.ends_with(".sh"),
    }
}

pub(crate) fn delete(path: &str) -> Change {
    Change::Delete { path: path.into() }
}

/// Runs Git, untouched by the machine's configuration, and answers with its output.
pub(crate) async fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = try_git(folder, arguments).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

pub(crate) async fn try_git(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).kill_on_drop(true);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", folder);
    command.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C.UTF-8")]);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), ADA.0).env(format!("GIT_{who}_EMAIL"), ADA.1);
    }
    timeout(Duration::from_secs(120), command.output()).await.expect("git ends").unwrap()
}

/// Waits for the news of a push.
pub(crate) async fn told(pushes: &mut broadcast::Receiver<Pushed>) -> Pushed {
    timeout(Duration::from_secs(60), pushes.recv()).await.expect("a push is told").unwrap()
}
