//! The builder: from sources to an environment.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::{
    cache::Caches,
    installation::Installation,
    language::{Language, Tools},
    node, python,
    report::Report,
    source,
    step::Step,
};
use crate::{
    BuildPhase, BuildSpec, Builder, Environment, Error, Folders, Result,
    folder::{private, remove},
    process::base_variables,
    sandbox::{Confinement, Sandbox, owned},
};

/// How tools behave in builds. Files are copied out of the cache, not linked: a later build, which may write the cache,
/// must not change what an earlier one installed.
const TOOLS: &[(&str, &str)] = &[
    ("UV_LINK_MODE", "copy"),
    ("UV_NO_PROGRESS", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("NO_COLOR", "1"),
    ("npm_config_update_notifier", "false"),
];

/// Makes environments with the tools of this machine.
#[derive(Clone)]
pub struct ProcessBuilder {
    folders: Folders,
    confinement: Arc<Confinement>,
    tools: Arc<Tools>,
    caches: Arc<Caches>,
    /// Installations under way: who wants the same waits for it.
    under_way: Arc<Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>>,
}

impl ProcessBuilder {
    /// For a data folder; what an earlier builder left half done is removed.
    pub fn open(folders: Folders, confinement: Arc<Confinement>, tools: Tools) -> Result<Self> {
        let io = || Error::io("opening the builder");
        let builds = folders.root().join("builds");
        private(&builds).map_err(io())?;
        remove(&builds.join("scratch")).map_err(io())?;
        for workspace in fs::read_dir(&builds).map_err(io())? {
            source::sweep_workspace(&workspace.map_err(io())?.path()).map_err(io())?;
        }
        let (caches, under_way) = Default::default();
        Ok(Self { folders, confinement, tools: Arc::new(tools), caches, under_way })
    }

    async fn python(&self, job: &Job<'_>, entry: &str) -> Result<Environment> {
        let hint = |what: &str| format!("install {what} and start the platform again");
        let uv =
            self.tools.uv.as_ref().ok_or_else(|| missing("uv", "install it with `pip install uv`".into()))?;
        let interpreter = self.tools.python.as_ref().ok_or_else(|| missing("python3", hint("python3")))?;
        let spec = job.spec;
        let code = code(spec, &self.folders).await?;
        let wanted = python::requirements(&code, &spec.source_id, interpreter)?;
        let installation = self.installation(spec, &wanted.id);
        let env = installation.env();
        let program = env.join("bin/python");
        let cached = self
            .install(job, &installation, async |sandbox, variables| {
                let (uv_file, uv) = (uv, uv.display().to_string());
                let path = |path: &Path| path.display().to_string();
                let venv =
                    [&uv, "venv", "--python", &path(&interpreter.executable), &path(&env)].map(str::to_owned);
                let step = |command: Vec<String>| Step {
                    command,
                    folder: &code,
                    variables: variables.clone(),
                    sandbox: Sandbox {
                        readable: vec![uv_file.clone(), interpreter.prefix.clone(), code.clone()],
                        ..sandbox.clone()
                    },
                    groups: self.confinement.groups(),
                    outcome: job.outcome.clone(),
                };
                if !step(venv.to_vec()).run(job.report).await? {
                    return Err(Error::Build(python::reason("python", job.report)));
                }
                let Some(file) = wanted.file else { return Ok(()) };
                let install =
                    [&uv, "pip", "install", "--python", &path(&program), "-r", file].map(str::to_owned);
                match step(install.to_vec()).run(job.report).await? {
                    true => Ok(()),
                    false => Err(Error::Build(python::reason(file, job.report))),
                }
            })
            .await?;

        let variables = [
            ("PATH", search(&env.join("bin"))),
            ("VIRTUAL_ENV", env.display().to_string()),
            ("PYTHONUNBUFFERED", "1".into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ];
        Ok(Environment {
            id: identity(&[&wanted.id, &spec.source_id, entry]),
            command: vec![program.display().to_string(), "-u".into(), entry.to_owned()],
            code,
            readable: vec![installation.folder, interpreter.prefix.clone()],
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            cached,
        })
    }

    async fn node(&self, job: &Job<'_>, entry: Option<&str>) -> Result<Environment> {
        let hint = || "install nodejs and npm and start the platform again".to_owned();
        let npm = self.tools.npm.as_ref().ok_or_else(|| missing("npm", hint()))?;
        let program = self.tools.node.as_ref().ok_or_else(|| missing("node", hint()))?;
        let spec = job.spec;
        let id = node::id(&spec.source)?;
        let installation = self.installation(spec, &id);
        let path = search(program.parent().unwrap_or(Path::new("/usr/bin")));
        let cached = self
            .install(job, &installation, async |sandbox, mut variables| {
                let io = || Error::io("bringing package.json to its packages");
                for name in node::FILES {
                    installation.bring(&spec.source, name).map_err(io())?;
                }
                variables.insert("PATH".into(), path.clone());
                let mut command = vec![program.display().to_string(), npm.script.display().to_string()];
                command.extend(node::install(&spec.source).iter().map(|&word| word.to_owned()));
                let sandbox = Sandbox { readable: vec![program.clone(), npm.package.clone()], ..sandbox };
                let (folder, outcome) = (&installation.env(), job.outcome.clone());
                let groups = self.confinement.groups();
                match (Step { command, folder, variables, sandbox, groups, outcome }).run(job.report).await? {
                    true => installation.lead_to_packages().map_err(io()),
                    false => Err(Error::Build(python::reason("package.json", job.report))),
                }
            })
            .await?;

        // Beside the packages: Node looks for them in the folders above the code.
        let code = place(spec, installation.code()).await?;
        let entry = entry.map_or_else(|| node::entry(&code), |entry| Ok(entry.to_owned()))?;
        let variables = [("NODE_ENV", "production".to_owned()), ("PATH", path)];
        Ok(Environment {
            id: identity(&[&id, &spec.source_id, &entry]),
            command: vec![program.display().to_string(), entry],
            code,
            readable: vec![installation.folder, program.clone()],
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            cached,
        })
    }

    fn installation(&self, spec: &BuildSpec, id: &str) -> Installation {
        Installation { folder: self.folders.installed(&spec.workspace).join(id) }
    }

    /// Runs `make` in an empty installation unless it was made before; whether it was.
    async fn install<F>(&self, job: &Job<'_>, target: &Installation, make: F) -> Result<bool>
    where
        F: AsyncFnOnce(Sandbox, BTreeMap<String, String>) -> Result<()>,
    {
        let turn = {
            let mut under_way = self.under_way.lock();
            under_way.retain(|_, turn| Arc::strong_count(turn) > 1);
            under_way.entry(target.folder.clone()).or_default().clone()
        };
        let _turn = turn.lock().await;
        if target.stands() {
            job.report.phase(BuildPhase::Installing, "nothing to install, the environment stands");
            return Ok(true);
        }
        job.report.phase(BuildPhase::Installing, "installing what the application depends on");
        let scratch = self.folders.build_scratch(&job.spec.build_id);
        let cache = self.folders.cache(&job.spec.workspace);
        let held = self.caches.hold(&job.spec.workspace).await;
        let sandbox = self.confinement.sandbox(&job.spec.workspace, &scratch)?;
        let sandbox = Sandbox { writable: vec![target.env(), cache.clone()], ..sandbox };
        let (uid, begun, temporary, kept) = (sandbox.uid, target.clone(), scratch.clone(), cache.clone());
        on_disk(move || {
            owned(&temporary, uid)?;
            owned(&kept, uid)?;
            begun.begin(uid)
        })
        .await?;

        let mut variables = base_variables(&sandbox);
        variables.extend(self.tools.network.clone());
        variables.insert("UV_CACHE_DIR".into(), cache.join("uv").display().to_string());
        variables.insert("npm_config_cache".into(), cache.join("npm").display().to_string());
        variables.extend(TOOLS.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let made = make(sandbox, variables).await;
        drop(held);
        self.caches.trim(&job.spec.workspace, cache);
        let (target, whole) = (target.clone(), made.is_ok());
        on_disk(move || {
            remove(&scratch)?;
            if whole { target.finish() } else { target.discard() }
        })
        .await?;
        made.map(|()| false)
    }
}

/// A build under way.
struct Job<'a> {
    spec: &'a BuildSpec,
    report: &'a Report,
    outcome: PathBuf,
}

#[async_trait]
impl Builder for ProcessBuilder {
    async fn build(&self, spec: &BuildSpec) -> Result<Environment> {
        let io = || Error::io("preparing a build");
        let report = Report::open(&self.folders.build_log(&spec.build_id))?;
        let outcomes = self.folders.root().join("builds/scratch");
        private(&outcomes).map_err(io())?;
        let outcome = outcomes.join(format!("{}.json", spec.build_id));
        let job = Job { spec, report: &report, outcome };

        report.phase(BuildPhase::Resolving, &format!("{} at {}", spec.application.name, spec.source_id));
        let built = match Language::of(&spec.application, &spec.source) {
            Ok(Language::Python { entry }) => self.python(&job, &entry).await,
            Ok(Language::Node { entry }) => self.node(&job, entry.as_deref()).await,
            Ok(Language::Command(command)) => code(spec, &self.folders).await.map(|code| Environment {
                id: identity(&[&spec.source_id, &command.join("\0")]),
                command,
                code,
                readable: Vec::new(),
                variables: Default::default(),
                cached: true,
            }),
            Err(error) => Err(error),
        };
        let _ = fs::remove_file(&job.outcome);
        match &built {
            Ok(environment) => report.phase(BuildPhase::Ready, &format!("environment {}", environment.id)),
            Err(error) => report.say(&format!("failed: {error}")),
        }
        built
    }
}

/// Places the code of an application that brings no folder of its own.
async fn code(spec: &BuildSpec, folders: &Folders) -> Result<PathBuf> {
    place(spec, folders.code(&spec.workspace)).await
}

async fn place(spec: &BuildSpec, folder: PathBuf) -> Result<PathBuf> {
    let (source, id) = (spec.source.clone(), spec.source_id.clone());
    let placed = tokio::task::spawn_blocking(move || source::place(&source, &id, &folder)).await;
    placed.map_err(|error| Error::io("copying the code")(io::Error::other(error)))?
}

/// Makes or removes folders where blocking is allowed: environments hold tens of thousands of files.
async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.flatten().map_err(Error::io("preparing an installation"))
}

/// `PATH` with `first` in front of the system's programs.
fn search(first: &Path) -> String {
    format!("{}:/usr/local/bin:/usr/bin:/bin", first.display())
}

fn missing(tool: &'static str, hint: String) -> Error {
    Error::MissingTool { tool, hint }
}

fn identity(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    python::hex(&hash.finalize()[..16])
}
