//! `headwater sign-in`: a fresh one-time link to the Portal.

use clap::Args;

use super::{runtime, target::Target};
use crate::admin::LinkReply;

/// Which platform.
#[derive(Debug, Args)]
pub struct SignIn {
    #[command(flatten)]
    target: Target,
}

impl SignIn {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let client = self.target.client()?;
        let reply: LinkReply = runtime()?.block_on(client.post("/sign-in-links", &()))?;
        println!("{}", reply.link);
        Ok(())
    }
}
