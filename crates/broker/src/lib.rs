//! headwater-broker
