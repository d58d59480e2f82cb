//! `headwater doctor`: what this machine has, and what to do about what it lacks.

use std::{net::TcpListener, path::Path, process::Command};

use clap::Args;
use headwater_compute::Confinement;

use super::{runtime, target::Target};
use crate::{
    admin::{Client, WorkspaceSummary},
    config::Config,
};

/// Which platform.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    target: Target,
}

/// One thing that was looked at.
struct Finding {
    what: String,
    /// What is there, or what to do.
    outcome: Result<String, String>,
    /// Whether the platform cannot run without it.
    needed: bool,
}

impl Doctor {
    /// Runs the command; it fails when something that is needed is missing.
    pub fn run(self) -> anyhow::Result<()> {
        let config = self.target.config()?;
        let mut findings = tools();
        findings.push(folder(&config.data_dir));
        let running = running(&config.data_dir);
        if running.outcome.is_err() {
            findings.extend(ports(&config));
        }
        findings.push(running);
        findings.push(isolation());
        findings.push(Finding { what: "limits".into(), outcome: Confinement::limits(), needed: false });

        let mut failed = 0;
        for finding in &findings {
            let (mark, text) = match &finding.outcome {
                Ok(text) => ("ok     ", text),
                Err(text) if finding.needed => {
                    failed += 1;
                    ("MISSING", text)
                }
                Err(text) => ("note   ", text),
            };
            println!("{mark}  {:22}  {text}", finding.what);
        }
        anyhow::ensure!(failed == 0, "{failed} of {} checks failed; see above", findings.len());
        Ok(())
    }
}

fn tools() -> Vec<Finding> {
    let tool = |name: &str, needed: bool, hint: &str| {
        let version = Command::new(name).arg("--version").output().ok().filter(|o| o.status.success());
        let line =
            version.map(|o| String::from_utf8_lossy(&o.stdout).lines().next().unwrap_or_default().to_owned());
        Finding { what: name.into(), outcome: line.ok_or_else(|| hint.to_owned()), needed }
    };
    vec![
        tool("git", true, "install it: apt-get install git"),
        tool("python3", false, "Python applications need it: apt-get install python3"),
        tool("uv", false, "Python applications need it: pip install uv"),
        tool("npm", false, "Node.js applications need it: apt-get install nodejs npm"),
    ]
}

fn folder(path: &Path) -> Finding {
    let outcome = match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            match rustix::fs::access(path, rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK) {
                Ok(()) => Ok(path.display().to_string()),
                Err(error) => Err(format!("{} cannot be used: {error}", path.display())),
            }
        }
        Ok(_) => Err(format!("{} is not a folder", path.display())),
        Err(_) => Ok(format!("{} will be made", path.display())),
    };
    Finding { what: "data folder".into(), outcome, needed: true }
}

fn running(data_dir: &Path) -> Finding {
    let asked =
        runtime().and_then(|r| r.block_on(Client::new(data_dir).get::<Vec<WorkspaceSummary>>("/workspaces")));
    let outcome = match asked {
        Ok(all) => Ok(format!("running, {} workspace(s)", all.len())),
        Err(error) => Err(error.to_string()),
    };
    Finding { what: "platform".into(), outcome, needed: false }
}

fn ports(config: &Config) -> Vec<Finding> {
    let all = [("HTTP", config.http.addr), ("Kafka", config.kafka.addr), ("public", config.public.addr)];
    all.into_iter()
        .map(|(name, addr)| Finding {
            what: format!("{name} port"),
            outcome: match TcpListener::bind(addr) {
                Ok(_) => Ok(format!("{addr} is free")),
                Err(error) => {
                    Err(format!("{addr}: {error}; choose another with --{}-addr", name.to_lowercase()))
                }
            },
            needed: true,
        })
        .collect()
}

fn isolation() -> Finding {
    let outcome = Confinement::means().map(str::to_owned).map_err(str::to_owned);
    Finding { what: "isolation".into(), outcome, needed: false }
}
