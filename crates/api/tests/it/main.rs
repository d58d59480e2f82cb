//! The contract is a file under test.

mod contract;
