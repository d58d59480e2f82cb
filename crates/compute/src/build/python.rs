//! Python applications: an environment made by uv.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    language::Python,
    report::Report,
    requirement::{self, Line},
};
use crate::{Error, Result};

/// Changes when environments are made differently.
const RECIPE: &str = "python 2";

/// What an application depends on.
pub(super) struct Requirements {
    /// The file to install, from the application's folder; nothing when there is none.
    pub(super) file: Option<&'static str>,
    /// Identifies the environment.
    pub(super) id: String,
}

/// Reads what the application in `source` depends on.
pub(super) fn requirements(source: &Path, source_id: &str, python: &Python) -> Result<Requirements> {
    let file = ["requirements.txt", "pyproject.toml"].into_iter().find(|name| source.join(name).is_file());
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(RECIPE.as_bytes());
    add(python.executable.as_os_str().as_encoded_bytes());
    add(python.version.as_bytes());
    if let Some(name) = file {
        let mut local = name == "pyproject.toml";
        for (path, text) in files(source, name)? {
            add(path.as_os_str().as_encoded_bytes());
            add(text.as_bytes());
            local |= text.lines().any(|line| requirement::read(line) == Line::Local);
        }
        if local {
            // What is installed lies in the application's own folder.
            add(source_id.as_bytes());
        }
    }
    Ok(Requirements { file, id: hex(&hash.finalize()[..16]) })
}

/// A requirements file and those that it refers to, within the folder.
fn files(source: &Path, name: &str) -> Result<Vec<(PathBuf, String)>> {
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    let mut open = vec![PathBuf::from(name)];
    while let Some(path) = open.pop() {
        if found.iter().any(|(seen, _)| *seen == path) {
            continue;
        }
        let text = fs::read_to_string(source.join(&path)).map_err(|_| {
            Error::Build(format!("{}: there is no such file in the application's folder", path.display()))
        })?;
        for line in text.lines() {
            if let Line::File(other) = requirement::read(line) {
                headwater_model::application::inside(other)
                    .map_err(|error| Error::Build(error.to_string()))?;
                open.push(path.parent().unwrap_or(Path::new("")).join(other));
            }
        }
        found.push((path, text));
    }
    found.sort();
    Ok(found)
}

/// Why an installation failed: uv's own words, from the line that marks the error on.
pub(super) fn reason(file: &str, report: &Report) -> String {
    let recent = report.recent();
    let marks = |line: &String| line.trim_start().starts_with("error:") || line.contains('×');
    let from = recent.iter().position(marks).unwrap_or(recent.len().saturating_sub(3));
    let words = recent[from..].iter().map(|line| line.trim_matches([' ', '×', '╰', '─', '▶', '│', '├']));
    let text = words.filter(|line| !line.is_empty()).take(12).collect::<Vec<_>>().join(" ");
    let text: String = text.trim_start_matches("error:").trim().chars().take(600).collect();
    match text.is_empty() {
        true => format!("{file}: the installation failed without a word"),
        false => format!("{file}: {text}"),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python() -> Python {
        Python { executable: "/usr/bin/python3".into(), version: "3.11.2".into(), prefix: "/usr".into() }
    }

    fn id(files: &[(&str, &str)], source_id: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        requirements(dir.path(), source_id, &python()).unwrap().id
    }

    #[test]
    fn an_environment_is_named_by_what_it_depends_on() {
        let plain = [("requirements.txt", "six\n"), ("main.py", "1")];
        assert_eq!(id(&plain, "a"), id(&[("requirements.txt", "six\n"), ("main.py", "2")], "b"));
        assert_ne!(id(&plain, "a"), id(&[("requirements.txt", "six==1\n")], "a"));
        for line in ["-r more.txt", "-rmore.txt", "--requirement=more.txt"] {
            let nested = |text| [("requirements.txt", line), ("more.txt", text)];
            assert_ne!(id(&nested("six"), "a"), id(&nested("attrs"), "a"), "{line}");
            assert_eq!(id(&nested("six"), "a"), id(&nested("six"), "b"), "{line}");
        }
        for line in ["-e .", "libs/pkg", "x.whl"] {
            let local = [("requirements.txt", line)];
            assert_ne!(id(&local, "a"), id(&local, "b"), "{line}");
        }
    }

    #[test]
    fn files_outside_of_the_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("requirements.txt"), "-r ../../etc/secrets").unwrap();
        assert!(requirements(dir.path(), "a", &python()).is_err());
        fs::write(dir.path().join("requirements.txt"), "-r none.txt").unwrap();
        assert!(requirements(dir.path(), "a", &python()).err().unwrap().to_string().contains("none.txt"));
    }
}
