//! Headwater: one binary for the platform and everything a person does with it on the command line.

#![expect(unreachable_pub, reason = "nothing outside of a binary reaches into it")]

mod admin;
mod client;
mod commands;
mod config;
mod demo;
mod platform;

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
    // Supervisors of replicas are this binary again; they must not begin as a platform does.
    if let Some(code) = headwater_compute::supervise() {
        return code;
    }
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line that says what is the matter and what to do, causes included.
            eprintln!("headwater: {}", format!("{error:#}").replace('\n', "; "));
            ExitCode::FAILURE
        }
    }
}
