//! Secrets of 256 random bits, and the hashes under which they are kept.

use headwater_store::Secret;
use sha2::{Digest, Sha256};

/// A fresh secret: `prefix` and 64 hex digits.
pub(crate) fn fresh(prefix: &str) -> Secret {
    Secret::new(format!("{prefix}{}", hex(&rand::random::<[u8; 32]>())))
}

/// The hash of a secret. A plain hash suffices: 256 random bits cannot be guessed from it.
pub(crate) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
