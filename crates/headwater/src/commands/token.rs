//! `headwater token`: tokens for the command line and for clients.

use clap::{Args, Subcommand};
use headwater_model::WorkspaceId;

use super::{runtime, target::Target};
use crate::admin::{SecretReply, TokenRequest};

/// Manage tokens of a running platform.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it alone
    Create(Create),
}

/// What to make.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    target: Target,
    /// Make an SDK token of this workspace instead of an administrator's
    #[arg(long, value_name = "ID")]
    workspace: Option<WorkspaceId>,
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let Self::Create(create) = self;
        let request = TokenRequest { workspace: create.workspace };
        let client = create.target.client()?;
        let reply: SecretReply = runtime()?.block_on(client.post("/tokens", &request))?;
        println!("{}", reply.secret);
        Ok(())
    }
}
