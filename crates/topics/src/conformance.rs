//! What every implementation of [`crate::Topics`] must do.
