//! `headwater workspaces`: what there is.

use clap::Args;

use super::{runtime, target::Target};
use crate::admin::WorkspaceSummary;

/// Which platform, and how to print.
#[derive(Debug, Args)]
pub struct Workspaces {
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Workspaces {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let client = self.target.client()?;
        let all: Vec<WorkspaceSummary> = runtime()?.block_on(client.get("/workspaces"))?;
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
