//! Git's smart HTTP.
