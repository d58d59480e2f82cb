//! Builds with the tools of this machine.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use headwater_compute::{
    BuildSpec, Builder as _, Environment, Error, LogSource, ProcessBuilder, ReplicaSpec, Runtime as _, Tools,
};
use headwater_model::Application;

use crate::{
    Test,
    limits::groups,
    stage::{Stage, patience, processes_with, run, workspace},
};

pub(crate) const TESTS: &[Test] = &[
    ("python_is_installed_once_and_runs", python_is_installed_once_and_runs),
    ("a_bad_requirement_is_quoted", a_bad_requirement_is_quoted),
    ("a_missing_file_is_named", a_missing_file_is_named),
    ("a_command_runs_as_it_is", a_command_runs_as_it_is),
    ("node_finds_its_packages", node_finds_its_packages),
    ("a_killed_platform_takes_its_builds_along", a_killed_platform_takes_its_builds_along),
    ("steps_cannot_reach_out_of_their_folder", steps_cannot_reach_out_of_their_folder),
];

pub(crate) fn spec(stage: &Stage, build: &str, yaml: &str, files: &[(&str, &str)]) -> BuildSpec {
    let source = stage.dir.path().join("sources").join(build);
    for (name, text) in files {
        let path = source.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let source_id = format!("source-{}", files.iter().map(|(_, text)| text.len()).sum::<usize>());
    BuildSpec {
        build_id: build.into(),
        workspace: workspace("acme-demo-dev"),
        application: Application::parse(yaml).unwrap(),
        source,
        source_id,
    }
}

pub(crate) fn builder(stage: &Stage) -> ProcessBuilder {
    ProcessBuilder::open(stage.folders(), stage.confinement.clone(), Tools::discover()).unwrap()
}

pub(crate) async fn log(stage: &Stage, build: &str) -> String {
    let chunk = stage.runtime.log(&LogSource::Build(build.into()), 0, 1 << 20, Duration::ZERO).await.unwrap();
    assert!(chunk.end, "the log of a build that ended has ended");
    String::from_utf8(chunk.bytes.to_vec()).unwrap()
}

/// Runs an environment to its end and answers its output.
async fn output(stage: &Stage, environment: Environment) -> String {
    let spec = ReplicaSpec { environment, ..stage.script("") };
    stage.runtime.start(spec.clone()).await.unwrap();
    let exit = stage.ended(&spec.id).await;
    let output = stage.output(&spec.id, 1, "ended").await;
    assert!(exit.success(), "{output}");
    output
}

/// Whether packages can be had; a skip is said.
fn registry(name: &str, program: &str, arguments: &[&str]) -> bool {
    let reached =
        std::process::Command::new(program).args(arguments).output().is_ok_and(|done| done.status.success());
    if !reached {
        println!("skipped: {name} cannot be reached");
    }
    reached
}

fn pypi() -> bool {
    let target = tempfile::tempdir().unwrap();
    let path = target.path().display().to_string();
    registry(
        "the Python package index",
        "pip",
        &["download", "--quiet", "--no-deps", "--dest", &path, "six==1.17.0"],
    )
}

fn python_is_installed_once_and_runs() {
    if !pypi() {
        return;
    }
    run(|| async {
        let stage = Stage::new().await;
        let builder = builder(&stage);
        let yaml = "name: hello\nlanguage: Python";
        let code = "import six, sys, os; print('six', six.__version__, sys.prefix != sys.base_prefix, os.environ.get('UV_CACHE_DIR'))";
        let files = |code| vec![("main.py", code), ("requirements.txt", "six==1.17.0\n")];
        let first = spec(&stage, "b1", yaml, &files(code));
        let same = spec(&stage, "b2", yaml, &files(code));
        let (one, two) = tokio::join!(builder.build(&first), builder.build(&same));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(
            (one.cached, two.cached).0 as u8 + two.cached as u8,
            1,
            "one installs, the other waits for it"
        );
        assert_eq!(one.id, two.id);
        assert!(output(&stage, one.clone()).await.contains(" out six 1.17.0 True None\n"));
        assert!(log(&stage, "b1").await.contains("[0.0 s] resolving: hello"));

        let other = builder.build(&spec(&stage, "b3", yaml, &files("print('changed')"))).await.unwrap();
        assert!(other.cached && other.id != one.id);
        assert!(output(&stage, other).await.contains("changed"));
    });
}

fn a_bad_requirement_is_quoted() {
    if !pypi() {
        return;
    }
    run(|| async {
        let stage = Stage::new().await;
        let builder = builder(&stage);
        for (build, line) in
            [("b1", "no-such-package-by-headwater==99"), ("b2", "this is no requirement ===")]
        {
            let files = [("main.py", ""), ("requirements.txt", line)];
            let error =
                builder.build(&spec(&stage, build, "name: x\nlanguage: python", &files)).await.unwrap_err();
            let Error::Build(reason) = &error else { panic!("{error:?}") };
            assert!(reason.starts_with("requirements.txt: ") && reason.len() > 30, "{reason}");
            assert!(log(&stage, build).await.contains("failed: requirements.txt"));
        }
        let installed = stage.dir.path().join("builds/acme-demo-dev/installed");
        let left =
            fs::read_dir(installed).unwrap().flatten().filter(|e| e.path().join("bin").exists()).count();
        assert_eq!(left, 0, "a failed installation leaves nothing");
    });
}

fn a_missing_file_is_named() {
    run(|| async {
        let stage = Stage::new().await;
        let builder = builder(&stage);
        for (build, yaml, files, word) in [
            ("b1", "name: x\nlanguage: python\nrunEntryPoint: start.py", vec![("main.py", "")], "start.py"),
            (
                "b2",
                "name: x\nlanguage: python",
                vec![("main.py", ""), ("requirements.txt", "-r more.txt")],
                "more.txt",
            ),
            ("b3", "name: x\nlanguage: cobol", vec![("main.cob", "")], "command"),
            ("b4", "name: x\ncommand: \"'\"", vec![("a", "")], "cannot be read"),
        ] {
            let error = builder.build(&spec(&stage, build, yaml, &files)).await.unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    });
}

fn a_command_runs_as_it_is() {
    run(|| async {
        let stage = Stage::new().await;
        let files = [("run.sh", "echo \"$1 from $(pwd | xargs basename)\"")];
        let yaml = "name: x\nlanguage: shell\ncommand: /bin/sh run.sh 'two words'";
        let environment = builder(&stage).build(&spec(&stage, "b1", yaml, &files)).await.unwrap();
        assert!(output(&stage, environment).await.contains("out two words from source-"));
    });
}

fn node_finds_its_packages() {
    if !Path::new("/usr/bin/node").exists()
        || !registry("the npm registry", "npm", &["view", "is-number@7.0.0", "version"])
    {
        return;
    }
    run(|| async {
        let stage = Stage::new().await;
        let package = r#"{"name":"x","version":"1.0.0","type":"module","main":"start.js","dependencies":{"is-number":"7.0.0"}}"#;
        let code = "import isNumber from 'is-number'; console.log('number', isNumber(5));";
        let files = [("package.json", package), ("start.js", code)];
        let builder = builder(&stage);
        let environment =
            builder.build(&spec(&stage, "b1", "name: x\nlanguage: NodeJs", &files)).await.unwrap();
        assert!(output(&stage, environment).await.contains("out number true"));
    });
}

/// A build runs code of the user's, who must not decide where the platform writes or what it shows.
fn steps_cannot_reach_out_of_their_folder() {
    if !Path::new("/usr/bin/node").exists() || !Path::new("/usr/bin/npm").exists() {
        println!("skipped: Node.js and npm are not installed");
        return;
    }
    run(|| async {
        let stage = Stage::new().await;
        let store = stage.dir.path().join("store.db");
        fs::write(&store, "rows").unwrap();
        let reach = format!(
            "ln -s {} ../ready; ln -s /etc ../code; ln -s /etc ../../other; mv ../../$(basename $(dirname $PWD)) \
             ../../moved; echo > ../mine; echo > mine; true",
            store.display()
        );
        let package = serde_json::json!({
            "name": "x", "version": "1.0.0", "main": "start.js", "scripts": { "postinstall": reach },
        });
        let files = [("package.json", &*package.to_string()), ("start.js", "console.log('started')")];
        let spec = spec(&stage, "b1", "name: x\nlanguage: NodeJs", &files);
        let environment = builder(&stage).build(&spec).await.unwrap();
        assert_eq!(fs::read_to_string(&store).unwrap(), "rows");
        let installation = environment.code.parent().unwrap().parent().unwrap();
        let names = |folder: &Path| {
            let mut all: Vec<_> =
                fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            all.sort();
            all
        };
        assert_eq!(names(installation), ["code", "env", "node_modules", "ready"]);
        assert_eq!(names(installation.parent().unwrap()).len(), 1);
        assert!(installation.join("env/mine").exists(), "the step did run");
        assert!(environment.code.symlink_metadata().unwrap().is_dir());
        assert!(output(&stage, environment).await.contains("out started"));
    });
}

/// Makes this binary a platform with a build that goes on until it is ended.
pub(crate) const HOLD: &str = "hold-a-build";

pub(crate) fn hold() {
    let mark = std::env::args().nth(2).unwrap();
    run(|| async {
        let stage = Stage::new().await;
        // One child is in a session of its own, where no signal to a group reaches it.
        let script = format!("setsid sh -c 'sleep 600; : {mark}' & sleep 600; : {mark}");
        let package = serde_json::json!({"name": "x", "version": "1.0.0", "scripts": {"preinstall": script}});
        let files = [("package.json", package.to_string()), ("index.js", String::new())];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let _ = builder(&stage).build(&spec(&stage, "b1", "name: x\nlanguage: NodeJs", &files)).await;
    });
}

fn a_killed_platform_takes_its_builds_along() {
    if !Path::new("/usr/bin/npm").exists() {
        println!("skipped: npm is not installed");
        return;
    }
    let mark = format!("built-{}", std::process::id());
    let mut platform = std::process::Command::new("/proc/self/exe").args([HOLD, &mark]).spawn().unwrap();
    let steps = || processes_with(&mark).into_iter().filter(|pid| *pid != platform.id()).count();
    wait_until("its steps run", || steps() >= 2);
    platform.kill().unwrap();
    platform.wait().unwrap();
    wait_until("nothing of it is left", || processes_with(&mark).is_empty());
    wait_until("its control groups are gone", || groups("-build-").is_empty());
}

pub(crate) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + patience();
    while !holds() {
        assert!(Instant::now() < deadline, "not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
