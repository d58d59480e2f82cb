//! What the next platform process makes of what the one before left.

use std::{fs, path::PathBuf, time::Duration};

use headwater_compute::{ReplicaSpec, ReplicaState, Restart, Runtime as _};
use serde_json::{Value, json};

use crate::{
    Test,
    replicas::kill,
    stage::{Stage, processes_with, run},
};

const GRACE: Duration = Duration::from_secs(10);

pub(crate) const TESTS: &[Test] = &[
    ("what_was_asked_for_and_not_begun_is_begun", what_was_asked_for_and_not_begun_is_begun),
    ("a_run_is_found_before_its_program_shows", a_run_is_found_before_its_program_shows),
    ("a_run_that_was_prepared_only_is_begun", a_run_that_was_prepared_only_is_begun),
    ("a_restart_of_the_machine_is_no_failure", a_restart_of_the_machine_is_no_failure),
    ("logs_of_old_versions_leave", logs_of_old_versions_leave),
];

fn folder(stage: &Stage, spec: &ReplicaSpec) -> PathBuf {
    let id = &spec.id;
    stage.dir.path().join("replicas").join(format!("{}-{}-{}", id.deployment, id.version, id.index))
}

fn edit(path: PathBuf, change: impl FnOnce(&mut Value)) {
    let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut record);
    fs::write(path, record.to_string()).unwrap();
}

/// The platform was killed right after a replica was asked for.
fn what_was_asked_for_and_not_begun_is_begun() {
    run(|| async {
        let mut stage = Stage::new().await;
        let spec = stage.script("echo done");
        stage.runtime.shutdown().await;
        fs::create_dir_all(folder(&stage, &spec)).unwrap();
        let record = json!({
            "id": spec.id, "workspace": spec.workspace, "port": 31_999, "attempt": 0, "restarts": 0,
            "isolation": {"uid": null, "namespaces": false, "landlock": false}, "again": "never",
        });
        fs::write(folder(&stage, &spec).join("replica.json"), record.to_string()).unwrap();
        stage.reopen().await;
        stage.until(&spec.id, "waiting", |status| status.state == ReplicaState::Starting).await;
        stage.runtime.start(spec.clone()).await.unwrap();
        assert!(stage.ended(&spec.id).await.success());
    });
}

/// The platform was killed after the supervisor was told what to do and before its program showed.
fn a_run_is_found_before_its_program_shows() {
    run(|| async {
        let mut stage = Stage::new().await;
        let mark = format!("begun-{}", std::process::id());
        let mut spec = stage.script("while [ ! -e go ]; do sleep 0.05; done; exit 3");
        spec.variables.insert("MARK".into(), mark.clone());
        stage.running(&spec).await;
        stage.runtime.shutdown().await;
        let running = folder(&stage, &spec).join("running.json");
        let record = fs::read(&running).unwrap();
        fs::remove_file(&running).unwrap();
        stage.reopen().await;
        stage.runtime.start(spec.clone()).await.unwrap();
        let status = stage.runtime.status(&spec.id).await.unwrap();
        assert_eq!((status.state, status.attempt), (ReplicaState::Starting, 1));
        fs::write(running, record).unwrap();
        stage.running(&spec).await;
        fs::write(stage.dir.path().join("code/go"), "").unwrap();
        assert_eq!(stage.ended(&spec.id).await.code, Some(3));
        let attempts = stage.runtime.attempts(spec.id.deployment).await.unwrap();
        assert_eq!(attempts.len(), 1, "it ran once");
        assert_eq!(processes_with(&mark), Vec::<u32>::new());
    });
}

/// The platform was killed after a run was prepared and before its supervisor was told: that does nothing by itself.
fn a_run_that_was_prepared_only_is_begun() {
    run(|| async {
        let mut stage = Stage::new().await;
        let spec = stage.script("echo done");
        stage.runtime.start(spec.clone()).await.unwrap();
        stage.ended(&spec.id).await;
        stage.runtime.shutdown().await;
        edit(folder(&stage, &spec).join("replica.json"), |record| record["attempt"] = json!(2));
        stage.reopen().await;
        stage.until(&spec.id, "waiting", |status| status.state == ReplicaState::Starting).await;
        stage.runtime.start(spec.clone()).await.unwrap();
        assert!(stage.ended(&spec.id).await.success());
    });
}

fn a_restart_of_the_machine_is_no_failure() {
    run(|| async {
        let mut stage = Stage::new().await;
        let mark = format!("boot-{}", std::process::id());
        let mut job = stage.script("sleep 600");
        job.variables.insert("MARK".into(), mark.clone());
        let service = ReplicaSpec { restart: Restart::Always, ..ReplicaSpec { ..stage.script("sleep 600") } };
        let mut pids = Vec::new();
        for spec in [&job, &service] {
            stage.running(spec).await;
        }
        stage.runtime.shutdown().await;
        for spec in [&job, &service] {
            let path = folder(&stage, spec);
            edit(path.join("running.json"), |record| {
                pids.push(record["supervisor"]["pid"].as_u64().unwrap() as u32);
                record["supervisor"]["boot"] = json!("before");
            });
        }
        pids.into_iter().for_each(kill);
        while !processes_with(&mark).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stage.reopen().await;
        assert_eq!(stage.ended(&job.id).await.reason, "the machine was restarted");
        stage.output(&job.id, 1, "ended: the machine was restarted").await;
        stage.until(&service.id, "waiting", |status| status.state == ReplicaState::Starting).await;
        stage.running(&service).await;
        let status = stage.until(&service.id, "again", |status| status.attempt == 2).await;
        assert_eq!(status.restarts, 0);
        stage.runtime.stop(&service.id, GRACE).await.unwrap();
    });
}

fn logs_of_old_versions_leave() {
    run(|| async {
        let stage = Stage::new().await;
        let mut spec = stage.script("echo version");
        for version in 1..=8 {
            spec.id.version = version;
            stage.runtime.start(spec.clone()).await.unwrap();
            stage.ended(&spec.id).await;
            if version != 2 {
                stage.runtime.stop(&spec.id, GRACE).await.unwrap();
            }
        }
        let attempts = stage.runtime.attempts(spec.id.deployment).await.unwrap();
        let versions: Vec<_> = attempts.iter().map(|attempt| attempt.replica.version).collect();
        assert_eq!(versions, [2, 4, 5, 6, 7, 8], "the five newest, and the one that has a replica");
    });
}
