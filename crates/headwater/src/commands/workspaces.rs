//! `headwater workspaces`: what there is.

use std::path::PathBuf;

use clap::Args;

use super::runtime;
use crate::admin::{Client, WorkspaceSummary};

/// Which platform, and how to print.
#[derive(Debug, Args)]
pub struct Workspaces {
    /// The platform's folder
    #[arg(long, default_value = ".headwater")]
    data_dir: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Workspaces {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let all: Vec<WorkspaceSummary> =
            runtime()?.block_on(Client::new(&self.data_dir).get("/workspaces"))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&all)?);
            return Ok(());
        }
        let width = all.iter().map(|w| w.workspace_id.len()).max().unwrap_or(0).max("WORKSPACE".len());
        println!("{:width$}  {:20}  BRANCH", "WORKSPACE", "PROJECT");
        for workspace in all {
            println!(
                "{:width$}  {:20}  {}",
                workspace.workspace_id, workspace.repository_id, workspace.branch
            );
        }
        Ok(())
    }
}
