//! The key to the socket: who can read the file may administer.
//!
//! The socket's mode keeps other users out. User code may run under our own user id, though, and Landlock keeps it
//! from files but not from connecting to sockets; so the socket asks for what stands in a file.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

/// The key's name within the data folder.
const FILE: &str = "admin.key";

/// What requests carry as their bearer token.
#[derive(Clone)]
pub(super) struct Key(String);

impl Key {
    /// A fresh key, in place of that of the last start.
    pub(super) fn renew(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join(FILE);
        let key: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
        let write = || {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(key.as_bytes())
        };
        write().with_context(|| format!("writing {}", path.display()))?;
        Ok(Self(key))
    }

    /// The key of the platform that runs on the folder.
    pub(super) fn read(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join(FILE);
        let key = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Self(key))
    }

    /// The header `Authorization` of who has it.
    pub(super) fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether a request carries it. Takes the same time however much of a guess is right.
    pub(super) fn opens(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        shown.ct_eq(self.authorization().as_bytes()).into()
    }
}
