//! The key that seals secrets at rest.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};

use crate::{Error, Result, Secret};

const NONCE: usize = 24;

/// XChaCha20-Poly1305 under the key of `secrets.key`. What is sealed opens only in the place it was sealed for.
pub(crate) struct Key {
    cipher: XChaCha20Poly1305,
    /// Whether the file did not exist and was made now.
    pub(crate) fresh: bool,
}

impl Key {
    /// Reads the key, or makes one (mode 0600, synced) where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, false),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let text = BASE64.encode(rand::random::<[u8; 32]>());
                write(path, &text).map_err(Error::io(format!("writing {}", path.display())))?;
                Self::parse(&text, true)
            }
            Err(error) => Err(Error::io(format!("reading {}", path.display()))(error)),
        }
    }

    fn parse(text: &str, fresh: bool) -> Result<Self> {
        let bytes = BASE64.decode(text.trim()).map_err(|_| Error::Sealed)?;
        let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| Error::Sealed)?;
        Ok(Self { cipher, fresh })
    }

    /// Seals `secret` for `place`, such as `workspace/acme-demo-prod`.
    pub(crate) fn seal(&self, place: &str, secret: &Secret) -> String {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: place.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("XChaCha20-Poly1305 refuses only messages of more than 256 GiB");
        BASE64.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open_sealed(&self, place: &str, sealed: &str) -> Result<Secret> {
        let bytes = BASE64.decode(sealed).map_err(|_| Error::Sealed)?;
        let (nonce, message) = bytes.split_at_checked(NONCE).ok_or(Error::Sealed)?;
        let payload = Payload { msg: message, aad: place.as_bytes() };
        let plain = self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Error::Sealed)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| Error::Sealed)
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_open_only_with_the_key_and_in_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.key");
        let key = Key::open(&path).unwrap();
        assert!(key.fresh);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = key.seal("workspace/a", &Secret::new("hunter2"));
        assert!(!sealed.contains("hunter2"));

        let again = Key::open(&path).unwrap();
        assert!(!again.fresh);
        assert_eq!(again.open_sealed("workspace/a", &sealed).unwrap().expose(), "hunter2");
        assert!(matches!(again.open_sealed("workspace/b", &sealed), Err(Error::Sealed)));
        let other = Key::open(&dir.path().join("other.key")).unwrap();
        assert!(matches!(other.open_sealed("workspace/a", &sealed), Err(Error::Sealed)));
        assert!(matches!(again.open_sealed("workspace/a", "AAAA"), Err(Error::Sealed)));
    }
}
