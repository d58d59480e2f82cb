//! What a person can ask of the binary, one command a file.

mod broker;
mod doctor;
mod logs;
mod remote;
mod serve;
mod sign_in;
mod target;
mod token;
mod workspaces;

use clap::Subcommand;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the platform
    Serve(serve::Serve),
    /// Run the broker alone, without authentication, for this machine
    Broker(broker::Broker),
    /// Print what a deployment says
    Logs(Box<logs::Logs>),
    /// Print a one-time link that signs in to the Portal
    SignIn(sign_in::SignIn),
    /// Manage tokens
    #[command(subcommand)]
    Token(token::Token),
    /// List the workspaces
    Workspaces(workspaces::Workspaces),
    /// Check this machine and the platform on it
    Doctor(doctor::Doctor),
}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(command) => command.run(),
            Self::Broker(command) => command.run(),
            Self::Logs(command) => command.run(),
            Self::SignIn(command) => command.run(),
            Self::Token(command) => command.run(),
            Self::Workspaces(command) => command.run(),
            Self::Doctor(command) => command.run(),
        }
    }
}

/// A small runtime for commands that talk to a platform.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
