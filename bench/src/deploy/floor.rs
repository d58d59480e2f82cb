//! What a deployment cannot be faster than: an environment, and Python until its first line.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::Version;

pub(crate) struct Floor {
    folder: TempDir,
}

impl Floor {
    /// A folder in `dir` with a cache of its own.
    pub(crate) fn new(dir: &Path) -> anyhow::Result<Self> {
        Ok(Self { folder: tempfile::tempdir_in(dir)? })
    }

    /// Makes the version's environment anew.
    pub(crate) fn install(&self, version: &Version) -> anyhow::Result<()> {
        let requirements = self.folder.path().join("requirements.txt");
        fs::write(&requirements, &version.requirements)?;
        let env = self.folder.path().join("env");
        self.uv(&["venv".as_ref(), "--clear".as_ref(), env.as_ref()])?;
        let python = env.join("bin/python");
        self.uv(&[
            "pip".as_ref(),
            "install".as_ref(),
            "--python".as_ref(),
            python.as_ref(),
            "-r".as_ref(),
            requirements.as_ref(),
        ])
    }

    /// Milliseconds until the version's first line, with its environment made anew when `fresh`.
    pub(crate) fn run(&self, version: &Version, fresh: bool) -> anyhow::Result<f64> {
        let program = self.folder.path().join("main.py");
        fs::write(&program, version.program())?;
        let started = Instant::now();
        if fresh {
            self.install(version)?;
        }
        let python = self.folder.path().join("env/bin/python");
        let mut child = Command::new(python).arg(&program).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("standard output is piped")?).read_line(&mut line)?;
        let elapsed = started.elapsed();
        child.kill()?;
        child.wait()?;
        ensure!(line.trim() == version.line, "the program said {line:?}");
        Ok(elapsed.as_secs_f64() * 1e3)
    }

    fn uv(&self, arguments: &[&std::ffi::OsStr]) -> anyhow::Result<()> {
        let mut uv = Command::new("uv");
        uv.arg("--quiet").args(arguments).env("UV_CACHE_DIR", self.folder.path().join("cache"));
        ensure!(uv.status().context("uv is not on PATH")?.success(), "uv failed");
        Ok(())
    }
}
