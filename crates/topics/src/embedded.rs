//! The embedded broker behind [`crate::Topics`], without a socket.
