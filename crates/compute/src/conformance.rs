//! What every builder and runtime must do.
