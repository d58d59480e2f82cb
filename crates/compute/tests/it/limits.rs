//! What replicas and builds may use. The same tests hold for control groups of both versions, and those about memory and
//! files without any.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use headwater_compute::{
    Attempt, Builder as _, Confinement, EnforcedBy, Exit, Limits, LogSource, ReplicaId, ReplicaSpec,
    Runtime as _, StateFolder,
};

use crate::{
    Test, builds,
    builds::wait_until,
    isolation::again,
    replicas::{kill, parent},
    stage::{Stage, patience, processes_with, run},
};

const SHORT: Duration = Duration::from_millis(300);

pub(crate) const TESTS: &[Test] = &[
    ("limits_are_read_back_and_adopted", limits_are_read_back_and_adopted),
    ("limits_on_memory_end_what_takes_more", limits_on_memory_end_what_takes_more),
    ("limits_on_memory_end_all_of_it", limits_on_memory_end_all_of_it),
    ("limits_on_cpu_hold_what_spins", limits_on_cpu_hold_what_spins),
    ("limits_on_processes_hold_a_fork_bomb", limits_on_processes_hold_a_fork_bomb),
    ("limits_on_files_are_the_programs", limits_on_files_are_the_programs),
    ("limits_cannot_be_raised_by_programs", limits_cannot_be_raised_by_programs),
    ("limits_on_state_end_what_keeps_more", limits_on_state_end_what_keeps_more),
    ("limits_of_killed_supervisors_leave_nothing", limits_of_killed_supervisors_leave_nothing),
    ("limits_of_killed_platforms_leave_nothing", limits_of_killed_platforms_leave_nothing),
    ("limits_hold_builds", limits_hold_builds),
    ("any_amount_of_output_takes_little_memory", any_amount_of_output_takes_little_memory),
    (
        "without_control_groups_memory_and_files_are_limited",
        without_control_groups_memory_and_files_are_limited,
    ),
];

/// The control groups of a replica or a build, anywhere.
pub(crate) fn groups(name: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::from("/sys/fs/cgroup")]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name().to_string_lossy().contains(name) {
                    found.push(entry.path());
                }
                open.push(entry.path());
            }
        }
    }
    found
}

fn of(id: &ReplicaId) -> Vec<PathBuf> {
    groups(&format!("-{}-{}-{}", id.deployment, id.version, id.index))
}

/// A figure of the one among `groups` that has it.
fn figure(groups: &[PathBuf], file: &str, key: &str) -> u64 {
    let texts: Vec<String> =
        groups.iter().filter_map(|group| fs::read_to_string(group.join(file)).ok()).collect();
    let mut lines = texts.iter().flat_map(|text| text.lines());
    let value = lines
        .find_map(|line| line.strip_prefix(key))
        .unwrap_or_else(|| panic!("no {key} in {file}: {texts:?}"));
    value.trim().parse().unwrap()
}

fn by_groups(limits: &Limits) -> bool {
    matches!(limits.enforced_by, EnforcedBy::Cgroup1 | EnforcedBy::Cgroup2)
}

async fn is_limited_by_groups(stage: &Stage) -> bool {
    let spec = stage.script("sleep 600");
    let (status, _) = stage.running(&spec).await;
    stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    if !by_groups(&status.limits) {
        println!("skipped: {}", status.limits.note.as_deref().unwrap_or("no control groups"));
    }
    by_groups(&status.limits)
}

fn limits_are_read_back_and_adopted() {
    run(|| async {
        let mut stage = Stage::new().await;
        let spec = ReplicaSpec { cpu_millicores: 150, memory_in_mb: 96, ..stage.script("sleep 600") };
        let (before, _) = stage.running(&spec).await;
        let limits = before.limits;
        let ours = fs::read_to_string("/proc/self/limits").unwrap();
        let ours: u64 = ours
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))
            .unwrap()
            .split_whitespace()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(limits.open_files, Some(ours.min(65_536)));
        if by_groups(&limits) {
            assert_eq!((limits.cpu_millicores, limits.memory_bytes), (Some(150), Some(96 << 20)));
            assert!(limits.processes.is_some_and(|most| (512..10_000).contains(&most)), "{limits:?}");
            assert_eq!(limits.note, None);
            assert!(!of(&spec.id).is_empty());
        } else {
            assert_eq!((limits.enforced_by, limits.cpu_millicores), (EnforcedBy::Rlimit, None));
            assert!(limits.memory_bytes.is_some_and(|most| most >= 96 << 20), "{limits:?}");
            assert!(limits.note.as_ref().unwrap().contains("more than 96 MB"), "{limits:?}");
        }
        stage.reopen().await;
        let after = stage.until(&spec.id, "measured", |status| status.usage.is_some()).await;
        assert_eq!(after.limits, limits);
        assert!(after.usage.unwrap().memory_bytes < 20 << 20, "the supervisor is not counted: {after:?}");
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
        assert_eq!(of(&spec.id), Vec::<PathBuf>::new());
    });
}

/// Runs a script to its end with 64 MB.
async fn with_little(stage: &Stage, script: &str) -> Exit {
    let spec = ReplicaSpec { cpu_millicores: 2_000, memory_in_mb: 64, ..stage.script(script) };
    stage.runtime.start(spec.clone()).await.unwrap();
    let exit = stage.ended(&spec.id).await;
    let status = stage.runtime.status(&spec.id).await.unwrap();
    assert!(exit.out_of_memory && status.out_of_memory && !exit.success(), "{exit:?}");
    stage.output(&spec.id, 1, &format!("ended: {}", exit.reason)).await;
    assert_eq!(of(&spec.id), Vec::<PathBuf>::new());
    exit
}

fn limits_on_memory_end_what_takes_more() {
    run(|| async {
        let stage = Stage::new().await;
        let held = "out of memory: it used more than its 64 MB";
        // It keeps the last 150 MB and waits for more.
        let patient = "(head -c 300000000 /dev/zero; sleep 600) | tail -c 150000000";
        assert_eq!(with_little(&stage, patient).await.reason, held);
        let reason = with_little(&stage, "exec tail /dev/zero").await.reason;
        assert!(reason == held || reason.starts_with("out of memory: exit code 1: tail: memory"), "{reason}");
    });
}

/// A program that does not notice that one of its processes was ended would go on as a ruin.
fn limits_on_memory_end_all_of_it() {
    run(|| async {
        let stage = Stage::new().await;
        if is_limited_by_groups(&stage).await {
            let exit = with_little(&stage, "tail /dev/zero; sleep 600").await;
            assert_eq!(exit.reason, "out of memory: it used more than its 64 MB");
        }
    });
}

fn limits_on_cpu_hold_what_spins() {
    run(|| async {
        let stage = Stage::new().await;
        if !is_limited_by_groups(&stage).await {
            return;
        }
        let spin = "while :; do :; done";
        let script = format!("({spin}) & ({spin}) & {spin}");
        let spec = ReplicaSpec { cpu_millicores: 200, ..stage.script(&script) };
        let (status, _) = stage.running(&spec).await;
        assert_eq!(status.limits.cpu_millicores, Some(200));
        let groups = of(&spec.id);
        let used = || match status.limits.enforced_by {
            EnforcedBy::Cgroup2 => Duration::from_micros(figure(&groups, "cpu.stat", "usage_usec ")),
            _ => Duration::from_nanos(figure(&groups, "cpuacct.usage", "")),
        };
        let (began, first) = (Instant::now(), used());
        wait_until("it has spun for a while", || used() - first > Duration::from_millis(600));
        let share = (used() - first).as_secs_f64() / began.elapsed().as_secs_f64();
        assert!(share < 0.4, "it got {share} of a core");
        assert!(figure(&groups, "cpu.stat", "nr_throttled ") > 0);
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}

fn limits_on_processes_hold_a_fork_bomb() {
    run(|| async {
        let stage = Stage::new().await;
        if !is_limited_by_groups(&stage).await {
            return;
        }
        let mark = format!("bomb-{}", std::process::id());
        let mut spec = stage.script("bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 600");
        spec.variables.insert("MARK".into(), mark.clone());
        let (status, _) = stage.running(&spec).await;
        let (groups, most) = (of(&spec.id), status.limits.processes.unwrap());
        wait_until("it has reached its limit", || figure(&groups, "pids.events", "max ") > 0);
        assert!(figure(&groups, "pids.current", "") <= most);
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
        assert_eq!(processes_with(&mark), Vec::<u32>::new());
        assert_eq!(of(&spec.id), Vec::<PathBuf>::new());

        // One that ends for it says so.
        let spec = stage.script("while :; do sleep 600 & done");
        stage.runtime.start(spec.clone()).await.unwrap();
        let exit = stage.ended(&spec.id).await;
        let limit = format!("it had reached its limit of {most} processes and threads");
        assert!(exit.reason.contains(&limit) && !exit.out_of_memory, "{exit:?}");
        assert_eq!(of(&spec.id), Vec::<PathBuf>::new());
    });
}

fn limits_on_files_are_the_programs() {
    run(|| async {
        let stage = Stage::new().await;
        let spec = stage.script("echo files $(ulimit -Sn) $(ulimit -Hn); sleep 600");
        let (status, _) = stage.running(&spec).await;
        let files = status.limits.open_files.unwrap();
        stage.output(&spec.id, 1, &format!(" out files {files} {files}\n")).await;
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}

fn limits_cannot_be_raised_by_programs() {
    run(|| async {
        let mut stage = Stage::new().await;
        let script = r#"
            for file in $(find /sys/fs/cgroup -path "*$NAME*" -name '*max' -o -path "*$NAME*" -name '*limit_in_bytes' \
                    -o -path "*$NAME*" -name '*quota_us' -o -name cgroup.procs 2>/dev/null); do
                for value in max -1 $$; do (echo $value > $file) 2>/dev/null && echo "GOT $file"; done
            done
            (ulimit -n 1000000) 2>/dev/null && echo "GOT files"
            echo tried; sleep 600"#;
        let mut spec = stage.script(script);
        spec.variables.insert("NAME".into(), spec.id.deployment.to_string());
        let (before, _) = stage.running(&spec).await;
        let log = stage.output(&spec.id, 1, "tried").await;
        assert!(!log.contains("GOT"), "{log}");
        stage.reopen().await;
        let after = stage.running(&spec).await.0;
        assert_eq!(before.limits, after.limits);
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}

fn limits_on_state_end_what_keeps_more() {
    run(|| async {
        let stage = Stage::new().await;
        let script =
            "head -c 3145728 /dev/zero > $STATE/kept; trap 'exit 0' TERM; while :; do sleep 0.1; done";
        let state = StateFolder { limit_bytes: 1 << 20, ..stage.state() };
        let mut spec = ReplicaSpec { state: Some(state.clone()), ..stage.script(script) };
        spec.variables.insert("STATE".into(), state.path.display().to_string());
        stage.running(&spec).await;
        let exit = stage.ended(&spec.id).await;
        assert!(exit.reason.starts_with("its state folder holds 3"), "{exit:?}");
        assert!(exit.reason.ends_with(" MB of 1 MB") && !exit.success(), "{exit:?}");
        let usage = stage.runtime.status(&spec.id).await.unwrap().state_folder.unwrap();
        assert!(usage.used_bytes >= 3 << 20 && usage.limit_bytes == 1 << 20, "{usage:?}");
    });
}

fn limits_of_killed_supervisors_leave_nothing() {
    run(|| async {
        let mut stage = Stage::new().await;
        let mark = format!("unheld-{}", std::process::id());
        for reopened in [false, true] {
            let mut spec = stage.script("setsid sleep 601 & sleep 600");
            spec.variables.insert("MARK".into(), mark.clone());
            let (_, pid) = stage.running(&spec).await;
            if reopened {
                stage.runtime.shutdown().await;
            }
            kill(parent(parent(pid)));
            if reopened {
                stage.reopen().await;
            }
            let exit = stage.ended(&spec.id).await;
            assert!(exit.reason.contains("supervisor"), "{}", exit.reason);
            assert_eq!(of(&spec.id), Vec::<PathBuf>::new());
            wait_until("nothing is left", || processes_with(&mark).is_empty());
        }
    });
}

fn limits_of_killed_platforms_leave_nothing() {
    run(|| async {
        let stage = Stage::new().await;
        if !is_limited_by_groups(&stage).await {
            return;
        }
        // A group as a step of a build has it, beside that of a replica which goes on.
        let spec = stage.script("sleep 600");
        stage.running(&spec).await;
        let name = format!("build-left-{}", std::process::id());
        let sibling = |group: &PathBuf| {
            let prefix = group.file_name().unwrap().to_str().unwrap().split('-').next().unwrap();
            group.with_file_name(format!("{prefix}-{name}"))
        };
        let mut left = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
        for group in of(&spec.id).iter().map(sibling) {
            fs::create_dir(&group).unwrap();
            fs::write(group.join("cgroup.procs"), left.id().to_string()).unwrap();
        }
        assert!(!groups(&name).is_empty());
        Confinement::open(&stage.folders(), false).unwrap();
        assert_eq!(groups(&name), Vec::<PathBuf>::new());
        assert!(!left.wait().unwrap().success());
        assert!(!of(&spec.id).is_empty(), "that of a replica stays");
        stage.running(&spec).await;
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}

fn limits_hold_builds() {
    if !Path::new("/usr/bin/node").exists() || !Path::new("/usr/bin/npm").exists() {
        println!("skipped: Node.js and npm are not installed");
        return;
    }
    run(|| async {
        let stage = Stage::new().await;
        if !is_limited_by_groups(&stage).await {
            return;
        }
        let mark = format!("build-bomb-{}", std::process::id());
        let bomb = format!("while :; do sleep 600 & done; : {mark}");
        let package = serde_json::json!({"name": "x", "version": "1.0.0", "scripts": {"preinstall": bomb}});
        let files = [("package.json", &*package.to_string()), ("index.js", "")];
        let spec = builds::spec(&stage, "b1", "name: x\nlanguage: NodeJs", &files);
        let refused = builds::builder(&stage).build(&spec).await.unwrap_err().to_string();
        let log = builds::log(&stage, "b1").await;
        assert!(log.contains("Cannot fork"), "{refused}\n{log}");
        assert_eq!(processes_with(&mark), Vec::<u32>::new());
        wait_until("its group is gone", || groups("-build-").is_empty());
    });
}

fn any_amount_of_output_takes_little_memory() {
    run(|| async {
        let stage = Stage::new().await;
        let line = "x".repeat(120);
        // A line of 100 MB, and then lines as fast as they are taken.
        let script = format!(
            "head -c 100000000 /dev/zero | tr '\\0' x; echo; yes {line} | head -c 200000000; echo; echo last; sleep 600"
        );
        let spec = ReplicaSpec { cpu_millicores: 2_000, ..stage.script(&script) };
        let before = kilobytes(std::process::id(), "VmRSS:");
        let (_, pid) = stage.running(&spec).await;
        let supervisor = parent(parent(pid));
        let source = LogSource::Run(Attempt { replica: spec.id.clone(), number: 1 });
        let deadline = Instant::now() + 6 * patience();
        loop {
            let end = stage.runtime.log(&source, -4_000, 1 << 20, Duration::ZERO).await;
            if end.is_ok_and(|chunk| chunk.bytes.ends_with(b" out last\n")) {
                break;
            }
            assert!(Instant::now() < deadline, "the output does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let most = kilobytes(supervisor, "VmHWM:");
        assert!(most < 64 << 10, "the supervisor took {most} KiB");
        let grown = kilobytes(std::process::id(), "VmRSS:").saturating_sub(before);
        assert!(grown < 32 << 10, "the platform grew by {grown} KiB");
        stage.runtime.stop(&spec.id, SHORT).await.unwrap();
    });
}

fn kilobytes(pid: u32, key: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix(key))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// Runs those that hold there as a user who may not make control groups.
fn without_control_groups_memory_and_files_are_limited() {
    let tests = ["read_back", "takes_more", "on_files", "raised", "on_state", "killed_supervisors"];
    again(&["--reuid=65534", "--regid=65534", "--clear-groups"], &tests);
}
