//! The life of replicas.

use std::time::Duration;

use headwater_compute::{Attempt, Error, LogSource, ReplicaSpec, ReplicaState, Restart, Runtime as _};

use crate::{
    Test,
    stage::{Stage, files_below, mounts_below, processes_with, run},
};

const GRACE: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);

pub(crate) const TESTS: &[Test] = &[
    ("a_replica_runs_says_things_and_stops", a_replica_runs_says_things_and_stops),
    ("a_job_ends_with_its_code", a_job_ends_with_its_code),
    ("a_crash_is_told_in_words", a_crash_is_told_in_words),
    ("a_service_is_started_again", a_service_is_started_again),
    ("a_program_that_cannot_start_says_why", a_program_that_cannot_start_says_why),
    ("nothing_is_left_of_one_that_ignores_signals", nothing_is_left_of_one_that_ignores_signals),
    ("replicas_are_adopted_with_their_logs", replicas_are_adopted_with_their_logs),
    ("a_job_is_tried_again_so_many_times", a_job_is_tried_again_so_many_times),
    ("one_that_ended_meanwhile_is_told", one_that_ended_meanwhile_is_told),
    ("a_killed_supervisor_takes_its_program_along", a_killed_supervisor_takes_its_program_along),
    ("output_of_any_kind_is_kept", output_of_any_kind_is_kept),
    ("starting_twice_is_starting_once", starting_twice_is_starting_once),
    ("usage_is_measured", usage_is_measured),
];

fn a_replica_runs_says_things_and_stops() {
    run(|| async {
        let stage = Stage::new().await;
        let mut spec =
            stage.script("echo port $PORT; echo oops >&2; echo mine $MINE $HOME_OF_PLATFORM; sleep 600");
        spec.variables.insert("MINE".into(), "variable".into());
        let (status, _) = stage.running(&spec).await;
        let log = stage.output(&spec.id, 1, "mine").await;
        assert!(log.contains(&format!(" out port {}\n", status.port)), "{log}");
        assert!(log.contains(" err oops\n") && log.contains("mine variable\n"), "{log}");
        assert!(log.lines().next().unwrap().contains(" platform started, attempt 1"), "{log}");
        stage.runtime.stop(&spec.id, GRACE).await.unwrap();
        assert!(matches!(stage.runtime.status(&spec.id).await, Err(Error::UnknownReplica(_))));
        let log = stage.output(&spec.id, 1, "ended").await;
        assert!(log.contains("killed by SIGTERM"), "{log}");
        let again = stage.runtime.stop(&spec.id, GRACE).await;
        assert!(again.is_ok(), "stopping what is stopped is no error");
    });
}

fn a_job_ends_with_its_code() {
    run(|| async {
        let stage = Stage::new().await;
        let spec = stage.script("echo done");
        stage.runtime.start(spec.clone()).await.unwrap();
        let exit = stage.ended(&spec.id).await;
        assert!(exit.success(), "{exit:?}");
        let spec = stage.script("exit 7");
        stage.runtime.start(spec.clone()).await.unwrap();
        let exit = stage.ended(&spec.id).await;
        assert_eq!((exit.code, exit.reason.as_str()), (Some(7), "exit code 7"));
    });
}

fn a_crash_is_told_in_words() {
    run(|| async {
        let stage = Stage::new().await;
        let spec = stage
            .script("echo Traceback >&2; echo \"ModuleNotFoundError: No module named 'pandas'\" >&2; exit 1");
        stage.runtime.start(spec.clone()).await.unwrap();
        let exit = stage.ended(&spec.id).await;
        assert_eq!(exit.reason, "exit code 1: ModuleNotFoundError: No module named 'pandas'");
        let spec = stage.script("kill -SEGV $$");
        stage.runtime.start(spec.clone()).await.unwrap();
        assert!(stage.ended(&spec.id).await.reason.contains("SIGSEGV"));
    });
}

fn a_service_is_started_again() {
    run(|| async {
        let stage = Stage::new().await;
        let mut spec = stage.script("echo try; exit 1");
        spec.restart = Restart::Always;
        stage.runtime.start(spec.clone()).await.unwrap();
        let status =
            stage.until(&spec.id, "restarted", |status| status.restarts >= 1 && status.attempt >= 2).await;
        assert!(status.restarts >= 1);
        stage.output(&spec.id, 2, "try").await;
        let attempts = stage.runtime.attempts(spec.id.deployment).await.unwrap();
        assert_eq!(attempts[0], Attempt { replica: spec.id.clone(), number: 1 });
        stage.runtime.stop(&spec.id, GRACE).await.unwrap();
        stage.runtime.remove_logs(spec.id.deployment).await.unwrap();
        assert!(stage.runtime.attempts(spec.id.deployment).await.unwrap().is_empty());
    });
}

fn a_program_that_cannot_start_says_why() {
    run(|| async {
        let stage = Stage::new().await;
        let mut spec = stage.script("");
        spec.environment.command = vec!["/no/such/program".into()];
        stage.runtime.start(spec.clone()).await.unwrap();
        let reason = stage.ended(&spec.id).await.reason;
        assert!(reason.contains("/no/such/program"), "{reason}");
    });
}

fn nothing_is_left_of_one_that_ignores_signals() {
    run(|| async {
        let stage = Stage::new().await;
        let mark = format!("mark-{}", std::process::id());
        // One that ignores the signal, and a child in a session of its own that was let go of.
        let script = format!(
            "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' & : {mark}; echo up; while :; do sleep 1; done"
        );
        let mut spec = stage.script(&script);
        spec.variables.insert("MARK".into(), mark.clone());
        stage.running(&spec).await;
        stage.output(&spec.id, 1, "up").await;
        assert!(processes_with(&mark).len() >= 2);
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
        assert_eq!(processes_with(&mark), Vec::<u32>::new());
        assert_eq!(mounts_below(stage.dir.path()), 0);
        assert_eq!(files_below(&stage.dir.path().join("replicas")).len(), 0);
    });
}

fn replicas_are_adopted_with_their_logs() {
    run(|| async {
        let mut stage = Stage::new().await;
        let spec = stage.script("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo line $i; [ $((i % 100)) = 0 ] && sleep 0.05; done; sleep 600");
        let (before, pid) = stage.running(&spec).await;
        stage.reopen().await;
        let (after, adopted) = stage.running(&spec).await;
        assert_eq!((pid, before.port, before.attempt), (adopted, after.port, after.attempt));
        let log = stage.output(&spec.id, 1, "line 2000\n").await;
        let lines: Vec<_> = log.lines().filter_map(|line| line.split(" out line ").nth(1)).collect();
        assert_eq!(lines, (1..=2000).map(|i| i.to_string()).collect::<Vec<_>>());
        stage.runtime.stop(&spec.id, GRACE).await.unwrap();
    });
}

fn a_job_is_tried_again_so_many_times() {
    run(|| async {
        let stage = Stage::new().await;
        for (script, code, attempts) in [("exit 3", 3, 2), ("exit 0", 0, 1)] {
            let spec = ReplicaSpec { restart: Restart::OnError(1), ..stage.script(script) };
            stage.runtime.start(spec.clone()).await.unwrap();
            assert_eq!(stage.ended(&spec.id).await.code, Some(code));
            let status = stage.runtime.status(&spec.id).await.unwrap();
            assert_eq!((status.attempt, status.restarts), (attempts, attempts - 1));
        }
    });
}

fn one_that_ended_meanwhile_is_told() {
    run(|| async {
        let mut stage = Stage::new().await;
        let go = stage.dir.path().join("code/go");
        let job = stage.script("while [ ! -e go ]; do sleep 0.01; done; exit 3");
        let mut service = stage.script("while [ ! -e go ]; do sleep 0.01; done; echo again; exit 3");
        service.restart = Restart::Always;
        stage.running(&job).await;
        stage.running(&service).await;
        stage.runtime.shutdown().await;
        std::fs::write(go, "").unwrap();
        let source =
            |id: &headwater_compute::ReplicaId| LogSource::Run(Attempt { replica: id.clone(), number: 1 });
        for id in [&job.id, &service.id] {
            while !stage.runtime.log(&source(id), i64::MAX, 10, GRACE).await.unwrap().end {}
        }
        stage.reopen().await;
        assert_eq!(stage.ended(&job.id).await.code, Some(3));
        stage.runtime.start(job.clone()).await.unwrap();
        assert_eq!(stage.ended(&job.id).await.code, Some(3), "a job runs once");
        stage.runtime.start(service.clone()).await.unwrap();
        stage.until(&service.id, "running again", |status| status.attempt == 2).await;
        stage.runtime.stop(&service.id, GRACE).await.unwrap();
    });
}

fn a_killed_supervisor_takes_its_program_along() {
    run(|| async {
        let stage = Stage::new().await;
        let mark = format!("lost-{}", std::process::id());
        // The child in a session of its own is in no group that the platform knows of.
        let mut spec = stage.script("setsid sleep 601 & sleep 600");
        spec.variables.insert("MARK".into(), mark.clone());
        let (_, pid) = stage.running(&spec).await;
        while processes_with(&mark).len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let init = parent(pid);
        let supervisor = parent(init);
        kill(supervisor);
        let exit = stage.ended(&spec.id).await;
        assert!(exit.reason.contains("supervisor"), "{}", exit.reason);
        while !processes_with(&mark).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
}

/// Ends a process as no process can prevent.
pub(crate) fn kill(pid: u32) {
    let target = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(target, rustix::process::Signal::KILL).unwrap();
}

pub(crate) fn parent(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn output_of_any_kind_is_kept() {
    run(|| async {
        let stage = Stage::new().await;
        let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; printf '\\377\\000\\n'; head -c 20000000 /dev/zero | tr '\\0' '\\n' | head -n 200000; printf last";
        let spec = stage.script(script);
        stage.runtime.start(spec.clone()).await.unwrap();
        assert!(stage.ended(&spec.id).await.success());
        let log = stage.output(&spec.id, 1, " out last\n").await;
        assert!(log.lines().filter(|line| line.ends_with('…')).count() >= 45, "the long line is cut");
        assert!(log.contains(" out \u{fffd}\0\n"), "bytes that are no text are replaced");
        assert!(log.lines().filter(|line| line.ends_with(" out ")).count() >= 200_000);
    });
}

fn starting_twice_is_starting_once() {
    run(|| async {
        let stage = Stage::new().await;
        let spec = stage.script("sleep 600");
        let (_, first) = stage.running(&spec).await;
        let (_, second) = stage.running(&spec).await;
        assert_eq!(first, second);
        assert_eq!(stage.runtime.list().await.unwrap().len(), 1);
        stage.runtime.stop(&spec.id, GRACE).await.unwrap();
        assert!(stage.runtime.list().await.unwrap().is_empty());
    });
}

fn usage_is_measured() {
    run(|| async {
        let stage = Stage::new().await;
        let spec = stage.script("while :; do :; done");
        stage.running(&spec).await;
        let busy = |status: &headwater_compute::ReplicaStatus| {
            status.usage.is_some_and(|usage| usage.cpu_millicores > 100.0)
        };
        let status = stage.until(&spec.id, "busy", busy).await;
        assert!(status.usage.unwrap().memory_bytes > 100_000);
        assert!(matches!(status.state, ReplicaState::Running { .. }));
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}
