//! `headwater sign-in`: a fresh one-time link to the Portal.

use std::path::PathBuf;

use clap::Args;

use super::runtime;
use crate::admin::{Client, SecretReply};

/// Which platform.
#[derive(Debug, Args)]
pub struct SignIn {
    /// The platform's folder
    #[arg(long, default_value = ".headwater")]
    data_dir: PathBuf,
    /// Where the Portal answers
    #[arg(long, default_value = "http://localhost:8000")]
    url: String,
}

impl SignIn {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let client = Client::new(&self.data_dir);
        let reply: SecretReply = runtime()?.block_on(client.post("/sign-in-links", &()))?;
        println!("{}", link(&self.url, &reply.secret));
        Ok(())
    }
}

/// The address that signs in. The secret stands behind `#`, so that it reaches no server's log.
pub fn link(url: &str, secret: &str) -> String {
    format!("{}/app/sign-in#{secret}", url.trim_end_matches('/'))
}
