//! What a replica sees of others: nothing.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use headwater_compute::{Environment, ReplicaSpec, Runtime as _};

use crate::{
    Test,
    stage::{Stage, run, workspace},
};

pub(crate) const TESTS: &[Test] = &[
    ("a_replica_sees_itself_and_the_system", a_replica_sees_itself_and_the_system),
    ("a_replica_has_state_and_a_temporary_folder", a_replica_has_state_and_a_temporary_folder),
    ("the_same_holds_without_root", the_same_holds_without_root),
    ("the_same_holds_in_a_plain_container", the_same_holds_in_a_plain_container),
    ("links_are_not_shown", links_are_not_shown),
];

/// Says `refused WHAT` or `GOT WHAT` for each attempt.
const PROBE: &str = r#"
try() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "GOT $what"; else echo "refused $what"; fi; }
try "data folder" ls "$DATA"
try "secret" cat "$DATA/secret"
try "replicas" ls "$DATA/replicas"
try "logs" ls "$DATA/logs"
try "write" sh -c 'echo x > "$DATA/mine"'
try "code" sh -c 'echo x >> "$DATA/code/main"'
try "platform environment" cat /proc/$PLATFORM/environ
try "neighbour environment" sh -c 'cat /proc/$NEIGHBOUR/environ | grep .'
try "signal" kill -0 $NEIGHBOUR
try "foreign state" ls "$FOREIGN"
try "any environment" sh -c 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n" | grep NEIGHBOURS_SECRET='
try "root" sh -c 'test "$(id -u)" = 0 && test "$MUST_DROP" = yes'
try "other devices" sh -c 'ls /dev | grep -qx kmsg || cat /dev/kmsg'
echo "own code: $(cat main)"
echo probe ended
sleep 600
"#;

async fn probe(stage: &Stage) -> String {
    let mut neighbour = stage.script("sleep 600");
    neighbour.variables.insert("NEIGHBOURS_SECRET".into(), "s3cret".into());
    let (_, pid) = stage.running(&neighbour).await;
    let mut foreign = stage.script("sleep 600");
    foreign.workspace = workspace("other-demo-dev");
    foreign.state = Some(stage.state());
    stage.running(&foreign).await;

    let mut spec = stage.script(PROBE);
    std::fs::write(stage.dir.path().join("code/main"), "code").unwrap();
    std::fs::set_permissions(stage.dir.path().join("code/main"), std::fs::Permissions::from_mode(0o644))
        .unwrap();
    let must_drop = if rustix::process::geteuid().is_root() { "yes" } else { "no" };
    for (name, value) in [
        ("DATA", stage.dir.path().display().to_string()),
        ("PLATFORM", std::process::id().to_string()),
        ("NEIGHBOUR", pid.to_string()),
        ("FOREIGN", foreign.state.as_ref().unwrap().path.display().to_string()),
        ("MUST_DROP", must_drop.to_owned()),
    ] {
        spec.variables.insert(name.into(), value);
    }
    let (status, _) = stage.running(&spec).await;
    let log = stage.output(&spec.id, 1, "probe ended").await;
    assert!(status.isolation.landlock || status.isolation.namespaces, "{:?}", status.isolation);
    for id in [&spec.id, &neighbour.id, &foreign.id] {
        stage.runtime.stop(id, Duration::from_millis(100)).await.unwrap();
    }
    log
}

fn check(log: &str) {
    assert!(!log.contains("GOT"), "{log}");
    assert_eq!(log.matches("refused").count(), 13, "{log}");
    assert!(log.contains("own code: code"), "{log}");
}

fn a_replica_sees_itself_and_the_system() {
    run(|| async { check(&probe(&Stage::new().await).await) });
}

fn a_replica_has_state_and_a_temporary_folder() {
    run(|| async {
        let stage = Stage::new().await;
        let state = stage.state();
        let script = "n=$(cat $STATE/n 2>/dev/null || echo 0); echo $((n+1)) > $STATE/n; echo hi > $TMPDIR/t; mkdir $HOME/d; echo > /dev/null; head -c 1 /dev/urandom > /dev/shm/mine-$$ && rm /dev/shm/mine-$$ && echo count $(cat $STATE/n) $(cat $TMPDIR/t)";
        let spec = ReplicaSpec { state: Some(state.clone()), ..stage.script(script) };
        let mut spec = ReplicaSpec { environment: Environment { ..spec.environment.clone() }, ..spec };
        spec.variables.insert("STATE".into(), state.path.display().to_string());
        for run in 1..=2 {
            stage.runtime.start(spec.clone()).await.unwrap();
            assert!(stage.ended(&spec.id).await.success());
            stage.output(&spec.id, run, &format!("count {run} hi")).await;
            stage.runtime.stop(&spec.id, Duration::ZERO).await.unwrap();
        }
    });
}

/// A folder that is a link could have been put there by a program, and lead anywhere.
fn links_are_not_shown() {
    run(|| async {
        let stage = Stage::new().await;
        let link = stage.dir.path().join("link");
        std::os::unix::fs::symlink("/etc", &link).unwrap();
        let mut spec = stage.script("true");
        spec.environment.readable = vec![link.clone()];
        stage.runtime.start(spec.clone()).await.unwrap();
        let reason = stage.ended(&spec.id).await.reason;
        assert!(reason.contains("is a symbolic link"), "{reason}");

        let mut spec = stage.script("true");
        spec.environment.readable = vec![stage.dir.path().parent().unwrap().to_owned()];
        stage.runtime.start(spec.clone()).await.unwrap();
        let reason = stage.ended(&spec.id).await.reason;
        assert!(reason.contains("--data-dir"), "what the data folder lies in is not shown either: {reason}");
    });
}

/// Runs the first tests again as an unprivileged user, whom only Landlock protects.
fn the_same_holds_without_root() {
    again(&["--reuid=65534", "--regid=65534", "--clear-groups"], &["a_replica"]);
}

/// Runs them again as root that may not make namespaces: programs have users of their own all the same.
fn the_same_holds_in_a_plain_container() {
    again(&["--bounding-set=-sys_admin"], &["a_replica", "links_are", "a_command_runs", "steps_cannot"]);
}

pub(crate) fn again(privileges: &[&str], tests: &[&str]) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let copy =
        tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o755)).tempdir().unwrap();
    let binary = copy.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    let done = std::process::Command::new("setpriv")
        .args(privileges)
        .arg("--")
        .arg(&binary)
        .args(tests)
        .current_dir("/")
        .env("TMPDIR", "/tmp")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
}
