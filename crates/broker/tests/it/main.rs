//! The broker over a real socket, with `kafka-protocol` as the client.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod auth;
mod client;
mod fetch;
mod groups;
mod limits;
mod local;
mod malformed;
mod platform;
mod positions;
mod readers;
mod restart;
mod tenancy;
mod versions;
