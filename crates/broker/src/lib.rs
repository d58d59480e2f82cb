//! headwater-broker

pub mod files;
pub mod journal;
pub mod log;
pub mod storage;
