//! A partition through its public surface.

mod append;
mod durable;
mod fixture;
mod recovery;
mod segments;
mod transactions;
