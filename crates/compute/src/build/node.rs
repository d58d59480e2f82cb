//! Node.js applications: packages installed by npm.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use super::python::hex;
use crate::{Error, Result};

/// Changes when packages are installed differently.
const RECIPE: &str = "node 2";
/// The files that say what is installed.
pub(super) const FILES: &[&str] = &["package.json", "package-lock.json", ".npmrc"];

/// Identifies the packages of the application in `source`.
pub(super) fn id(source: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(RECIPE);
    for name in FILES {
        let bytes = fs::read(source.join(name)).unwrap_or_default();
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hex(&hash.finalize()[..16]))
}

/// npm's arguments: exact with a lock, else by ranges.
pub(super) fn install(source: &Path) -> &'static [&'static str] {
    match source.join("package-lock.json").exists() {
        true => &["ci", "--omit=dev", "--no-audit", "--no-fund"],
        false => &["install", "--omit=dev", "--no-audit", "--no-fund", "--no-package-lock"],
    }
}

/// The file to start: `main` of package.json, or index.js.
pub(super) fn entry(source: &Path) -> Result<String> {
    let text = fs::read(source.join("package.json")).map_err(Error::io("reading package.json"))?;
    let package: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| Error::Build(format!("package.json: {error}")))?;
    let entry = package["main"].as_str().unwrap_or("index.js").to_owned();
    headwater_model::application::inside(&entry)
        .map_err(|error| Error::Build(format!("package.json: {error}")))?;
    match source.join(&entry).is_file() {
        true => Ok(entry),
        false => Err(Error::Build(format!(
            "{entry}: there is no such file; name it in runEntryPoint or package.json"
        ))),
    }
}
