//! Repositories as Git clients and the platform see them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod commits;
mod export;
mod reads;
mod server;
mod workbench;
