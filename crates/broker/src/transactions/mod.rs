//! Transactions over partitions and groups, and producer ids.
//!
//! [`Transaction`] is the state machine of one transactional id; it knows neither clock nor disk.
//! [`Transactions`] keeps all of them: a decision is durable before its first marker, all markers are durable
//! before the positions take effect, and a crash between is finished at the next start.

mod coordinator;
mod finish;
mod producers;
mod slot;
mod state;

pub(crate) use coordinator::Transactions;
pub(crate) use producers::ProducerIds;
pub(crate) use state::{End, Init, Phase, Transaction};

#[cfg(test)]
mod tests;
