//! From `git push` to the first line of the new version, beside what nobody can avoid: installing and starting.

mod floor;
mod platform;

use std::path::Path;

use crate::report::{Findings, Section, Unit};
use floor::Floor;
pub(crate) use platform::Platform;

const OURS: &str = "Headwater";
const FLOOR: &str = "floor";
const AGAIN: &str = "deploy of the same content → first line";
const ROLL_BACK: &str = "roll back → first line";
const RUNNING: &str = "roll back → running";
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
    let platform = Platform::start(binary, dir, &[]).await?;
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
    let newest = Version::new(number, &[]);
    for round in 0..rounds {
        eprintln!("roll back and deploy again, round {}", round + 1);
        let again = platform.deploy_again(&format!("again {round}"), &newest.line).await?;
        findings.add(OURS, AGAIN.into(), Unit::Milliseconds, None, again);
        // The first two versions, in turn.
        let before = Version::new(round % 2, &[]);
        let (first_line, running) = platform.roll_back(round as u32 % 2 + 1, &before.line).await?;
        findings.add(OURS, ROLL_BACK.into(), Unit::Milliseconds, None, first_line);
        findings.add(OURS, RUNNING.into(), Unit::Milliseconds, None, running);
        for measure in [AGAIN, ROLL_BACK, RUNNING] {
            findings.add(FLOOR, measure.into(), Unit::Milliseconds, None, floor.run(&before, false)?);
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
         isolation, supervision or replacing a running version. The same content deployed once more, and a version of before that is \
         rolled back to, build nothing; *running* is when the API says so: the replica is well and serves, and the floor beside it \
         is the same program's first line. Packages are in the caches of both. Aims: under 2 s with the \
         same requirements, under 5 s with changed ones, under 1 s for a roll back."
    )
}
