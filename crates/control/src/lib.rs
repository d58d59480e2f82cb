//! headwater-control
