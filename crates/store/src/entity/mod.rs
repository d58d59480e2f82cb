//! The tables, as SeaORM sees them. Times are microseconds since 1970 UTC.

#![allow(unreachable_pub, reason = "the derives of SeaORM ask for public models")]

pub(crate) mod application;
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod deployment;
pub(crate) mod deployment_version;
pub(crate) mod organisation;
pub(crate) mod project;
pub(crate) mod session;
pub(crate) mod sign_in_link;
pub(crate) mod token;
pub(crate) mod topic;
pub(crate) mod user;
pub(crate) mod workspace;
