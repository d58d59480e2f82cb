//! The edges before a whole product: the contract, who may do what, and the live socket.

mod contract;
mod deployments;
mod groups;
mod live;
mod metrics;
mod permissions;
mod platform;
