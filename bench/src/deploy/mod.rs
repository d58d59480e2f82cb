//! From `git push` to the first line of the new version, beside what nobody can avoid: installing and starting.

mod floor;
mod platform;

use std::path::Path;

use crate::report::{Findings, Section, Unit};
use floor::Floor;
use platform::Platform;

const OURS: &str = "Headwater";
const FLOOR: &str = "floor";
/// What applications need; the changed requirements add one of the small packages.
const NEEDS: &str = "quixstreams==3.28.1";
const EXTRAS: [&str; 5] =
    ["tabulate==0.9.0", "toml==0.10.2", "wrapt==1.17.2", "zipp==3.21.0", "pluggy==1.5.0"];

/// A version of the application.
pub(crate) struct Version {
    /// The line that it prints first.
    pub(crate) line: String,
    /// Content of `requirements.txt`.
    pub(crate) requirements: String,
}

impl Version {
    fn new(number: usize, extras: &[&str]) -> Self {
        let requirements = [&[NEEDS], extras].concat().join("\n") + "\n";
        Self { line: format!("this is version {number}"), requirements }
    }

    /// Content of `main.py`.
    pub(crate) fn program(&self) -> String {
        format!("import time\nprint({:?}, flush=True)\nwhile True:\n    time.sleep(1)\n", self.line)
    }
}

/// Runs `rounds` pushes of each kind.
pub(crate) fn run(rounds: usize, binary: &Path, dir: &Path) -> anyhow::Result<Section> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(measure(rounds, binary, dir))?.rows();
    Ok(Section {
        key: "deploy",
        title: "Push → running".into(),
        method: method(rounds),
        peers: vec![OURS.into(), FLOOR.into()],
        rows,
    })
}

async fn measure(rounds: usize, binary: &Path, dir: &Path) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let floor = Floor::new(dir)?;
    let platform = Platform::start(binary, dir).await?;
    // Not counted: both have every package in their caches after this.
    let mut number = 0;
    let first = Version::new(number, &EXTRAS);
    floor.install(&first)?;
    platform.deploy(&first).await?;
    for round in 0..rounds {
        let changed =
            [EXTRAS[round % EXTRAS.len()], EXTRAS[(round / EXTRAS.len() + round + 1) % EXTRAS.len()]];
        for (measure, fresh) in [("changed requirements", true), ("same requirements", false)] {
            number += 1;
            let version = Version::new(number, &changed);
            eprintln!("push, {measure}, round {}", round + 1);
            let name = format!("push → first line, {measure}");
            findings.add(OURS, name.clone(), Unit::Milliseconds, None, platform.push(&version).await?);
            findings.add(FLOOR, name, Unit::Milliseconds, None, floor.run(&version, fresh)?);
        }
    }
    platform.stop().await?;
    Ok(findings)
}

fn method(rounds: usize) -> String {
    format!(
        "An application that needs `{NEEDS}` (and, changed, other small packages) is edited, pushed and redeployed by the API, \
         {rounds} rounds; from the start of `git push` to its first line in the deployment's log. The floor is what cannot be \
         saved: `uv venv` and `uv pip install` where requirements changed, and Python from its start to that line, without Git, \
         isolation, supervision or replacing a running version. Packages are in the caches of both. Aims: under 2 s with the \
         same requirements, under 5 s with changed ones."
    )
}
