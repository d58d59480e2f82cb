//! Headwater: one binary for the platform and everything a person does with it on the command line.

mod admin;
mod commands;
mod config;
mod demo;

use std::process::ExitCode;

use clap::Parser;

/// An open, self-hosted platform to develop, deploy and watch real-time streaming applications.
#[derive(Debug, Parser)]
#[command(name = "headwater", version, about)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line that says what is the matter and what to do, causes included.
            eprintln!("headwater: {}", format!("{error:#}").replace('\n', "; "));
            ExitCode::FAILURE
        }
    }
}
