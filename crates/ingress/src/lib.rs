//! headwater-ingress
