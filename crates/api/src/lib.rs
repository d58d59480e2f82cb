//! headwater-api
