//! The log of a partition: append-only segments with sparse indexes, producer and transaction state.

mod aborted;
mod checkpoint;
mod durable;
mod index;
mod inner;
mod lookup;
mod partition;
mod producers;
mod read;
mod recovery;
mod retention;
mod segment;
mod settings;
mod small_file;
#[cfg(test)]
mod tests;
mod types;
mod walk;
mod writer;

pub use partition::Partition;
pub use settings::LogSettings;
pub use types::{Aborted, Appended, Fetched, Isolation, Offsets, OpenTransaction, Origin};
