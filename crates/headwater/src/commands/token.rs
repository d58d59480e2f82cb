//! `headwater token`: tokens for the command line and for clients.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use headwater_model::WorkspaceId;

use super::runtime;
use crate::admin::{Client, SecretReply, TokenRequest};

/// Manage tokens of a running platform.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it alone
    Create(Create),
}

/// What to make.
#[derive(Debug, Args)]
pub struct Create {
    /// The platform's folder
    #[arg(long, default_value = ".headwater")]
    data_dir: PathBuf,
    /// Make an SDK token of this workspace instead of an administrator's
    #[arg(long, value_name = "ID")]
    workspace: Option<WorkspaceId>,
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let Self::Create(create) = self;
        let request = TokenRequest { workspace: create.workspace };
        let reply: SecretReply =
            runtime()?.block_on(Client::new(&create.data_dir).post("/tokens", &request))?;
        println!("{}", reply.secret);
        Ok(())
    }
}
