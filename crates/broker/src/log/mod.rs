//! The log of a partition: append-only segments with sparse indexes, producer and transaction state.

mod partition;
mod settings;
mod types;

pub use partition::Partition;
pub use settings::LogSettings;
pub use types::{Aborted, Appended, Fetched, Isolation, Offsets, OpenTransaction, Origin};
