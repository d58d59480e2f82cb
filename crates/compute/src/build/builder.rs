//! The builder: from sources to an environment.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::{
    language::{Language, Tools},
    node, python,
    report::Report,
    source,
    step::Step,
};
use crate::{
    BuildPhase, BuildSpec, Builder, Environment, Error, Folders, Result,
    folder::{private, remove},
    process::{base_variables, owned, sandbox},
    sandbox::{Sandbox, Users},
};

/// Stands in an installation that is whole.
const READY: &str = ".ready";

/// Makes environments with the tools of this machine.
#[derive(Clone)]
pub struct ProcessBuilder {
    folders: Folders,
    users: Arc<Users>,
    tools: Arc<Tools>,
    /// Installations under way: who wants the same waits for it.
    under_way: Arc<Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>>,
}

impl ProcessBuilder {
    /// For a data folder; what an earlier builder left half done is removed.
    pub fn open(folders: Folders, tools: Tools) -> Result<Self> {
        let io = || Error::io("opening the builder");
        let builds = folders.root().join("builds");
        private(&builds).map_err(io())?;
        remove(&builds.join("scratch")).map_err(io())?;
        for workspace in fs::read_dir(&builds).map_err(io())? {
            source::sweep(&workspace.map_err(io())?.path().join("code")).map_err(io())?;
        }
        let users = Arc::new(Users::open(folders.users()).map_err(io())?);
        Ok(Self { folders, users, tools: Arc::new(tools), under_way: Arc::default() })
    }

    async fn python(&self, job: &Job<'_>, entry: &str) -> Result<Environment> {
        let hint = |what: &str| format!("install {what} and start the platform again");
        let uv =
            self.tools.uv.as_ref().ok_or_else(|| missing("uv", "install it with `pip install uv`".into()))?;
        let interpreter = self.tools.python.as_ref().ok_or_else(|| missing("python3", hint("python3")))?;
        let spec = job.spec;
        let code = code(spec, &self.folders).await?;
        let wanted = python::requirements(&code, &spec.source_id, interpreter)?;
        let installed = self.folders.installed(&spec.workspace);
        let target = installed.join(&wanted.id);
        let tools = [uv.parent().unwrap_or(uv).to_owned(), interpreter.prefix.clone()];

        let program = target.join("bin/python");
        let cached = self
            .install(job, &target, async |sandbox, variables| {
                let uv = uv.display().to_string();
                let path = |path: &Path| path.display().to_string();
                let venv = [&uv, "venv", "--python", &path(&interpreter.executable), &path(&target)]
                    .map(str::to_owned);
                let step = |command: Vec<String>| Step {
                    command,
                    folder: &code,
                    variables: variables.clone(),
                    sandbox: Sandbox {
                        readable: [&tools[..], std::slice::from_ref(&code)].concat(),
                        ..sandbox.clone()
                    },
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

        let bin = target.join("bin");
        let variables = [
            ("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display())),
            ("VIRTUAL_ENV", target.display().to_string()),
            ("PYTHONUNBUFFERED", "1".into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ];
        Ok(Environment {
            id: identity(&[&wanted.id, &spec.source_id, entry]),
            command: vec![program.display().to_string(), "-u".into(), entry.to_owned()],
            code,
            readable: vec![target, interpreter.prefix.clone()],
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
        let target = self.folders.installed(&spec.workspace).join(&id);
        let prefix = program.parent().and_then(Path::parent).unwrap_or(program).to_owned();
        let cached = self
            .install(job, &target, async |sandbox, mut variables| {
                for name in node::FILES {
                    if spec.source.join(name).exists() {
                        fs::copy(spec.source.join(name), target.join(name))
                            .map_err(Error::io("copying package.json"))?;
                    }
                }
                let cache = self.folders.installed(&spec.workspace).join("npm-cache").display().to_string();
                variables.insert("npm_config_cache".into(), cache);
                variables.insert("npm_config_update_notifier".into(), "false".into());
                let mut command = vec![npm.display().to_string()];
                command.extend(node::install(&spec.source).iter().map(|&word| word.to_owned()));
                let sandbox = Sandbox { readable: vec![prefix.clone()], ..sandbox };
                let outcome = job.outcome.clone();
                match (Step { command, folder: &target, variables, sandbox, outcome }).run(job.report).await?
                {
                    true => Ok(()),
                    false => Err(Error::Build(python::reason("package.json", job.report))),
                }
            })
            .await?;

        // Beside the packages: Node looks for them in the folders above the code.
        let code = place(spec, target.join("code")).await?;
        let entry = entry.map_or_else(|| node::entry(&code), |entry| Ok(entry.to_owned()))?;
        Ok(Environment {
            id: identity(&[&id, &spec.source_id, &entry]),
            command: vec![program.display().to_string(), entry],
            code,
            readable: vec![target, prefix],
            variables: [("NODE_ENV".to_owned(), "production".to_owned())].into(),
            cached,
        })
    }

    /// Runs `make` in an empty `target` unless it was made before; whether it was.
    async fn install<F>(&self, job: &Job<'_>, target: &Path, make: F) -> Result<bool>
    where
        F: AsyncFnOnce(Sandbox, std::collections::BTreeMap<String, String>) -> Result<()>,
    {
        let io = || Error::io("preparing an installation");
        let turn = self.under_way.lock().entry(target.to_owned()).or_default().clone();
        let _turn = turn.lock().await;
        if target.join(READY).exists() {
            job.report.phase(BuildPhase::Installing, "nothing to install, the environment stands");
            return Ok(true);
        }
        job.report.phase(BuildPhase::Installing, "installing what the application depends on");
        let scratch = self.folders.build_scratch(&job.spec.build_id);
        let installed = self.folders.installed(&job.spec.workspace);
        let sandbox = sandbox(&self.folders, &self.users, &job.spec.workspace, &scratch).map_err(io())?;
        owned(&scratch, sandbox.uid).map_err(io())?;
        owned(&installed, sandbox.uid).map_err(io())?;
        remove(target).map_err(io())?;
        owned(target, sandbox.uid).map_err(io())?;
        let sandbox = Sandbox { writable: vec![installed.clone()], ..sandbox };

        let mut variables = base_variables(&sandbox);
        variables.extend(self.tools.network.clone());
        variables.insert("UV_CACHE_DIR".into(), installed.join("uv-cache").display().to_string());
        for (name, value) in [("UV_PYTHON_DOWNLOADS", "never"), ("UV_NO_PROGRESS", "1"), ("NO_COLOR", "1")] {
            variables.insert(name.into(), value.into());
        }
        let made = make(sandbox, variables).await;
        remove(&scratch).map_err(io())?;
        match made {
            Ok(()) => fs::write(target.join(READY), "").map_err(io()).map(|()| false),
            Err(error) => {
                remove(target).map_err(io())?;
                Err(error)
            }
        }
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
