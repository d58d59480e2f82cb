//! What a person can ask of the binary, one command a file.

use clap::Subcommand;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<()> {
        match self {}
    }
}
