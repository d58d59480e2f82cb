//! What an application needs to run, by its language; and the tools of this machine that make it.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use headwater_model::Application;

use crate::{Error, Result};

/// The tools of this machine that builds use, looked for once.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    pub(super) uv: Option<PathBuf>,
    pub(super) python: Option<Python>,
    pub(super) node: Option<PathBuf>,
    pub(super) npm: Option<Npm>,
    /// Where packages come from, as this machine's pip, uv and npm are told.
    pub(super) network: BTreeMap<String, String>,
}

/// The Python that environments are made of.
#[derive(Debug, Clone)]
pub(super) struct Python {
    pub(super) executable: PathBuf,
    pub(super) version: String,
    /// Where it is installed.
    pub(super) prefix: PathBuf,
}

impl Tools {
    /// Looks along `PATH`.
    pub fn discover() -> Self {
        let python = which("python3").and_then(|python| describe(&python).ok());
        let node = which("node").and_then(|node| running(&node));
        let npm = which("npm").as_deref().and_then(Npm::of).or_else(|| Npm::beside(node.as_deref()?));
        let uv = which("uv").and_then(|uv| uv.canonicalize().ok());
        Self { uv, python, node, npm, network: network() }
    }
}

/// npm, a script for Node.js.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Npm {
    pub(super) script: PathBuf,
    /// Where it is installed: nothing else of what lies around it needs to be seen.
    pub(super) package: PathBuf,
}

impl Npm {
    /// By a name on `PATH` that leads to npm's script.
    fn of(name: &Path) -> Option<Self> {
        let script = name.canonicalize().ok()?;
        let package = script.parent()?.parent()?.to_owned();
        let right = script.file_name()? == "npm-cli.js" && package.join("package.json").is_file();
        right.then_some(Self { script, package })
    }

    /// Where Node.js brings it along, for names on `PATH` that are programs of version managers.
    fn beside(node: &Path) -> Option<Self> {
        Self::of(&node.parent()?.parent()?.join("lib/node_modules/npm/bin/npm-cli.js"))
    }
}

/// The Node.js that a name starts; it may be a shim that leads elsewhere.
fn running(node: &Path) -> Option<PathBuf> {
    let told = Command::new(node).args(["-p", "process.execPath"]).output().ok()?;
    PathBuf::from(String::from_utf8(told.stdout).ok()?.trim()).canonicalize().ok()
}

/// How an application is built.
pub(super) enum Language {
    Python { entry: String },
    Node { entry: Option<String> },
    Command(Vec<String>),
}

impl Language {
    /// Decides by `app.yaml` and the files in `source`.
    pub(super) fn of(app: &Application, source: &Path) -> Result<Self> {
        if let Some(command) = &app.command {
            let words = shlex::split(command).filter(|words| !words.is_empty());
            let words = words
                .ok_or_else(|| Error::Build(format!("app.yaml: the command `{command}` cannot be read")))?;
            return Ok(Self::Command(words));
        }
        let entry = app.run_entry_point.clone().filter(|entry| !entry.is_empty());
        let named_python = matches!(app.language.as_str(), "python" | "py");
        let named_node =
            matches!(app.language.as_str(), "node" | "nodejs" | "node.js" | "javascript" | "typescript");
        if named_python || (!named_node && source.join("requirements.txt").exists()) {
            let entry = entry.unwrap_or_else(|| "main.py".into());
            return present(source, &entry).map(|()| Self::Python { entry });
        }
        if named_node || source.join("package.json").exists() {
            if let Some(entry) = &entry {
                present(source, entry)?;
            }
            present(source, "package.json")?;
            return Ok(Self::Node { entry });
        }
        Err(Error::Build(
            "the platform does not know how to run this application: set `language` to python or node in app.yaml, or \
             give a `command`"
                .into(),
        ))
    }
}

/// Refuses an application whose file is not there.
fn present(source: &Path, file: &str) -> Result<()> {
    match source.join(file).is_file() {
        true => Ok(()),
        false => Err(Error::Build(format!("{file}: there is no such file in the application's folder"))),
    }
}

/// A program along `PATH`.
fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What an interpreter says of itself; a name on `PATH` may be a shim that leads elsewhere.
fn describe(python: &Path) -> io::Result<Python> {
    let code = "import os, sys, platform; print(os.path.realpath(sys.executable), platform.python_version(), sys.base_prefix, sep='\\n')";
    let told = Command::new(python).args(["-c", code]).output()?;
    let text = String::from_utf8_lossy(&told.stdout);
    let mut lines = text.lines();
    let mut next =
        || lines.next().map(str::to_owned).ok_or_else(|| io::Error::other("python3 says nothing of itself"));
    let (executable, version) = (next()?.into(), next()?);
    Ok(Python { executable, version, prefix: Path::new(&next()?).canonicalize()? })
}

/// Settings that say where packages come from. uv is told what pip was told, unless it has settings of its own.
fn network() -> BTreeMap<String, String> {
    const PLAIN: &[&str] = &[
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NODE_EXTRA_CA_CERTS",
    ];
    let given = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut settings: BTreeMap<String, String> = env::vars()
        .filter(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            PLAIN.contains(&name.as_str()) || lower.starts_with("uv_") || lower.starts_with("npm_config_")
        })
        .collect();
    settings.remove("UV_CACHE_DIR");
    let pip = pip_configuration();
    for (option, uv) in [
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
    ] {
        let variable = format!("PIP_{}", option.replace('-', "_").to_ascii_uppercase());
        if let Some(value) = given(&variable).or_else(|| pip.get(option).cloned()) {
            settings.entry(uv.to_owned()).or_insert(value);
        }
    }
    settings
}

/// The options that pip's files set for all commands or for `install`; later files win.
fn pip_configuration() -> BTreeMap<String, String> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let files = [
        Some("/etc/pip.conf".into()),
        Some(home.join(".pip/pip.conf")),
        Some(home.join(".config/pip/pip.conf")),
        env::var_os("PIP_CONFIG_FILE").map(PathBuf::from),
    ];
    let mut options = BTreeMap::new();
    for text in files.into_iter().flatten().filter_map(|file| fs::read_to_string(file).ok()) {
        let mut applies = false;
        for line in text.lines().map(str::trim) {
            match (line.strip_prefix('['), line.split_once('=')) {
                (Some(section), _) => applies = matches!(section.trim_end_matches(']'), "global" | "install"),
                (None, Some((name, value))) if applies => {
                    options
                        .insert(name.trim().to_ascii_lowercase().replace('_', "-"), value.trim().to_owned());
                }
                _ => {}
            }
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn npm_is_found_where_it_is_installed() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let package = home.join("versions/lib/node_modules/npm");
        for folder in [package.join("bin"), home.join("bin"), home.join("versions/bin")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(package.join("package.json"), "{}").unwrap();
        fs::write(package.join("bin/npm-cli.js"), "").unwrap();
        symlink(package.join("bin/npm-cli.js"), home.join("bin/npm")).unwrap();
        fs::write(home.join("bin/shim"), "").unwrap();
        let npm = Npm { script: package.join("bin/npm-cli.js"), package };
        assert_eq!(Npm::of(&home.join("bin/npm")), Some(npm.clone()));
        assert_eq!(Npm::of(&home.join("bin/shim")), None);
        assert_eq!(Npm::beside(&home.join("versions/bin/node")), Some(npm));
    }
}
