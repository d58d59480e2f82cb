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

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what [`hex`] writes.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
