//! A partition through its public surface.

mod append;
mod fixture;
mod recovery;
mod segments;
mod transactions;
