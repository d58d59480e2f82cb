//! Searching gigabytes of a deployment's log through the API, beside `grep` on the same files.

mod corpus;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use anyhow::{Context, ensure};
use jiff::SignedDuration;
use reqwest::Method;
use tokio::process::Command;

use crate::{
    deploy::{Platform, Version},
    report::{Findings, Section, Unit},
};
use corpus::Corpus;

const OURS: &str = "Headwater";
const PEER: &str = "grep";
/// Room for all of it.
const KEPT: [(&str, &str); 2] =
    [("HEADWATER__COMPUTE__LOGS__RUN_MIB", "16384"), ("HEADWATER__COMPUTE__LOGS__DEPLOYMENT_MIB", "16384")];

/// A question, to both.
struct Question {
    measure: &'static str,
    /// Members of the query.
    query: String,
    /// What the shell does with the files, which are its arguments.
    script: String,
    /// Lines that both find.
    found: usize,
}

/// Asks each question `rounds` times of a log of about `bytes`.
pub(crate) fn run(rounds: usize, bytes: u64, binary: &Path, dir: &Path) -> anyhow::Result<Section> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (findings, corpus) = runtime.block_on(measure(rounds, bytes, binary, dir))?;
    Ok(Section {
        key: "logs",
        title: "Searching logs".into(),
        method: method(rounds, &corpus),
        peers: vec![OURS.into(), PEER.into()],
        rows: findings.rows(),
    })
}

async fn measure(rounds: usize, bytes: u64, binary: &Path, dir: &Path) -> anyhow::Result<(Findings, Corpus)> {
    let platform = Platform::start(binary, dir, &KEPT).await?;
    let version = Version { line: "up".into(), requirements: String::new() };
    platform.deploy(&version).await?;
    // The run of a replica that is gone.
    let folder = platform.data().join("logs").join(platform.deployment()?).join("1/9/1");
    eprintln!("writing {} MiB of log", bytes >> 20);
    let corpus = corpus::write(&folder, bytes)?;
    let mut findings = Findings::default();
    for question in questions(&corpus) {
        for round in 0..=rounds {
            eprintln!("{}, round {round}", question.measure);
            let ours = ask(&platform, &question).await?;
            let theirs = grep(&corpus.files, &question).await?;
            // The first brings the files into memory.
            if round > 0 {
                let mut add = |peer, value| {
                    findings.add(peer, question.measure.into(), Unit::Milliseconds, Some(1.0), value);
                };
                add(OURS, ours);
                add(PEER, theirs);
            }
        }
    }
    platform.stop().await?;
    Ok((findings, corpus))
}

fn questions(corpus: &Corpus) -> Vec<Question> {
    let at = |hours: i64, minutes: i64| {
        corpus.end - SignedDuration::from_hours(hours) - SignedDuration::from_mins(minutes)
    };
    let minute = at(6, 0).strftime("%Y-%m-%dT%H:%M").to_string();
    // The files themselves in reverse, too: `tac` keeps their order.
    let backwards = |grep: &str| format!("printf '%s\\n' \"$@\" | tac | xargs tac | {grep} -m 100");
    vec![
        Question {
            measure: "the newest 100 lines with a text",
            query: "text=slow+response&caseSensitive=true&limit=100".into(),
            script: backwards("grep -F 'slow response'"),
            found: 100,
        },
        Question {
            measure: "the newest 100 errors",
            query: "level=error&limit=100".into(),
            script: backwards("grep -E 'ERROR|CRITICAL|FATAL|Traceback'"),
            found: 100,
        },
        Question {
            measure: "100 lines of a minute six hours ago",
            query: format!("from={minute}:00Z&to={minute}:59.999999Z&direction=forward&limit=100"),
            script: format!("cat \"$@\" | grep -m 100 '^{minute}:'"),
            found: 100,
        },
        Question {
            measure: "the one line with a text, 23 hours ago",
            query: "text=needle-7f3a&caseSensitive=true&limit=100".into(),
            script: "grep -hF needle-7f3a \"$@\"".into(),
            found: 1,
        },
        Question {
            measure: "the same, capital letters or small",
            query: "text=NEEDLE-7F3A&limit=100".into(),
            script: "grep -hiF NEEDLE-7F3A \"$@\"".into(),
            found: 1,
        },
        Question {
            measure: "a regular expression that nothing matches",
            query: "regex=refused.*status%3D5%5Cd%5Cd&caseSensitive=true&limit=100".into(),
            script: "grep -hE 'refused.*status=5[0-9][0-9]' \"$@\" || true".into(),
            found: 0,
        },
    ]
}

/// Milliseconds until all is found, over as many calls as it takes.
async fn ask(platform: &Platform, question: &Question) -> anyhow::Result<f64> {
    let id = platform.deployment()?;
    let (mut found, mut cursor) = (0, String::new());
    let started = Instant::now();
    loop {
        let path = format!("/deployments/{id}/logs/search?replica=9&{}{cursor}", question.query);
        let answer = platform.call(Method::GET, &path, None).await?;
        found += answer["matches"].as_array().map_or(0, Vec::len);
        match answer["cursor"].as_str().filter(|_| found < 100) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let took = started.elapsed().as_secs_f64() * 1e3;
    ensure!(found == question.found, "{}: {found} lines in place of {}", question.measure, question.found);
    Ok(took)
}

async fn grep(files: &[PathBuf], question: &Question) -> anyhow::Result<f64> {
    let mut shell = Command::new("sh");
    shell.args(["-c", &question.script, "sh"]).args(files).env("LC_ALL", "C").stderr(Stdio::null());
    let started = Instant::now();
    let output = shell.output().await.context("sh is not there")?;
    let took = started.elapsed().as_secs_f64() * 1e3;
    let found = output.stdout.iter().filter(|byte| **byte == b'\n').count();
    ensure!(found == question.found, "grep, {}: {found} lines", question.measure);
    Ok(took)
}

fn method(rounds: usize, corpus: &Corpus) -> String {
    format!(
        "A log of {:.1} GB ({} million lines over 24 hours, one in a hundred a warning, one in a thousand an error) is searched \
         by `GET …/logs/search`, over as many calls as it takes, and by GNU grep (`LC_ALL=C`) on the same files, which it reads \
         backwards through `tac` where the newest lines are wanted; {rounds} rounds after one that is not counted, files in memory.",
        corpus.bytes as f64 / 1e9,
        corpus.lines / 1_000_000
    )
}
