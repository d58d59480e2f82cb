//! One run of a replica, on disk and as processes: begun, found by the next platform process, collected.

use std::{fs, io, path::Path, process::Child, time::Duration};

use headwater_model::WorkspaceId;
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{task::spawn_blocking, time::timeout};

use super::{ProcessIdentity, identity::Handle, launch, logs, runtime::Shared};
use crate::{
    Attempt, Error, Exit, Isolation, ReplicaId, ReplicaSpec, Restart, Result, StateFolder,
    folder::{self, read_record, write_record},
    limits::Held,
    log,
    supervisor::{self, BEGUN, Begun, ENDED, Ended, RUNNING, Running, Task},
};

/// A program that was ended takes no longer to be gone.
const GONE: Duration = Duration::from_secs(5);
/// What is kept on disk of a replica. Its variables are not: they hold secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: ReplicaId,
    pub(super) workspace: WorkspaceId,
    pub(super) port: u16,
    pub(super) attempt: u32,
    pub(super) restarts: u32,
    pub(super) isolation: Isolation,
    /// Whether it is started again when it ends.
    #[serde(default)]
    pub(super) again: Restart,
    /// What the present or last run is held to.
    #[serde(default)]
    pub(super) held: Option<Held>,
    #[serde(default)]
    pub(super) state: Option<StateFolder>,
    /// Whether the last run that ended ran out of memory.
    #[serde(default)]
    pub(super) out_of_memory: bool,
}

/// The record's file, within the replica's folder.
pub(super) const RECORD: &str = "replica.json";

/// A run whose supervisor has been told what to do.
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) handle: Handle,
    pub(super) running: Running,
}

/// Begins the next run; `record` gets its number. This blocks.
pub(super) fn begin(shared: &Shared, spec: &ReplicaSpec, record: &mut Record) -> Result<Started> {
    let io = || Error::io("starting a replica");
    let last =
        logs::make_room(&shared.folders, &spec.id, &shared.versions(spec.id.deployment)).map_err(io())?;
    record.attempt = last.max(record.attempt) + 1;
    let attempt = Attempt { replica: spec.id.clone(), number: record.attempt };
    let mut task = launch::task(&shared.folders, &shared.confinement, spec, record.port, attempt)?;
    task.keeping = shared.keeping;
    record.isolation = task.launch.sandbox.isolation();
    record.held = Some(task.launch.held.clone());
    record.state = spec.state.clone();
    let started = spawn(&task, record).inspect_err(|_| {
        // An empty group that stays is removed before the next run.
        let _ = task.launch.held.group.remove();
    });
    started.map_err(io())
}

/// Calls a supervisor and has it begin. This blocks.
fn spawn(task: &Task, record: &Record) -> io::Result<Started> {
    write_record(&task.folder.join(RECORD), record)?;
    let mut child = supervisor::wait_for_task()?;
    match introduce(&mut child, task) {
        Ok((handle, running)) => Ok(Started { child, handle, running }),
        Err(error) => {
            // Nobody would know of it. What it may have started ends with it.
            let _ = child.kill();
            let _ = child.wait();
            Err(error)
        }
    }
}

/// Puts the supervisor on record before it is told what to do: a run that nobody knows of would be begun twice.
fn introduce(child: &mut Child, task: &Task) -> io::Result<(Handle, Running)> {
    let supervisor = ProcessIdentity::of(child.id())?;
    let begun = Begun { attempt: task.attempt, supervisor };
    write_record(&task.folder.join(BEGUN), &begun)?;
    let handle = begun.supervisor.open()?.ok_or_else(|| io::Error::other("its supervisor ended at once"))?;
    supervisor::begin(child, task)?;
    Ok((handle, unseen(begun)))
}

/// A run whose program was not seen yet.
fn unseen(Begun { attempt, supervisor }: Begun) -> Running {
    Running { attempt, supervisor, program: None, started_at: Timestamp::now() }
}

/// What another platform process left of a replica.
pub(super) enum Found {
    /// A run was asked for and none was begun.
    Nothing,
    /// A run whose program was not seen yet.
    Begun(Handle, Running),
    Running(Handle, Running),
    Ended {
        exit: Exit,
        /// The machine ended it.
        restarted: bool,
    },
}

/// Looks for the run that `record` tells of.
pub(super) async fn found(shared: &Shared, record: &Record) -> io::Result<Found> {
    let folder = shared.folders.replica(&record.id);
    let attempt = record.attempt;
    let running = legible::<Running>(&folder.join(RUNNING))?.filter(|running| running.attempt == attempt);
    let begun = legible::<Begun>(&folder.join(BEGUN))?.filter(|begun| begun.attempt == attempt);
    let ended = legible::<Ended>(&folder.join(ENDED))?.filter(|ended| ended.attempt == attempt);
    let log = shared.folders.attempt_log(&Attempt { replica: record.id.clone(), number: attempt });
    let seen = running.is_some();
    let supervised = running.or_else(|| begun.map(unseen));
    if let Some(running) = &supervised
        && let Some(handle) = running.supervisor.open()?
    {
        let running = running.clone();
        return Ok(if seen { Found::Running(handle, running) } else { Found::Begun(handle, running) });
    }
    release(record).await;
    match (supervised, ended) {
        // A supervisor begins with its log.
        (_, None) if !seen && !log.exists() => Ok(Found::Nothing),
        (Some(running), _) => Ok(Found::Ended {
            exit: collect(shared, record, &running).await,
            restarted: !running.supervisor.is_of_this_boot(),
        }),
        (None, ended) => {
            Ok(Found::Ended { exit: ended.map_or_else(lost, |ended| ended.exit), restarted: false })
        }
    }
}

/// A record; one that a power cut has spoilt says nothing.
fn legible<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match read_record(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
            Ok(None)
        }
        other => other,
    }
}

/// How a run ended, once its supervisor has. A supervisor that was killed says nothing; then its program is ended.
pub(super) async fn collect(shared: &Shared, record: &Record, running: &Running) -> Exit {
    let folder = shared.folders.replica(&record.id);
    let log = shared.folders.attempt_log(&Attempt { replica: record.id.clone(), number: running.attempt });
    let ended: Option<Ended> = read_record(&folder.join(ENDED)).unwrap_or_default();
    let exit = match ended.filter(|ended| ended.attempt == running.attempt) {
        Some(ended) => ended.exit,
        None => {
            end_program(&folder, running).await;
            release(record).await;
            let exit = if running.supervisor.is_of_this_boot() { lost() } else { restarted() };
            let told = log::LogWriter::open(&log).and_then(|mut writer| {
                writer.remark(&format!("ended: {}", exit.reason))?;
                log::exited(&log, &exit)
            });
            if let Err(error) = told {
                tracing::warn!(%error, "closing the log of a lost replica");
            }
            exit
        }
    };
    if !log::ended(&log)
        && let Err(error) = log::end(&log)
    {
        tracing::warn!(%error, "closing the log of a replica");
    }
    exit
}

/// Ends all that a run has left in its control group, and removes that. Its supervisor does so unless it was killed.
async fn release(record: &Record) {
    let Some(held) = record.held.clone() else { return };
    let removed = spawn_blocking(move || held.group.remove()).await.map_err(io::Error::other);
    if let Err(error) = removed.flatten() {
        tracing::warn!(replica = ?record.id, %error, "removing a control group");
    }
}

/// Ends a program whose supervisor is gone, and waits until it is.
async fn end_program(folder: &Path, running: &Running) {
    let seen = || read_record::<Running>(&folder.join(RUNNING)).unwrap_or_default();
    let same = |seen: &Running| seen.attempt == running.attempt;
    let program = running.program.clone().or_else(|| seen().filter(same)?.program);
    let Some(program) = program else { return };
    if let Ok(Some(alive)) = program.open()
        && let Some(group) = Pid::from_raw(program.pid as i32)
    {
        let _ = kill_process_group(group, Signal::KILL);
        let _ = timeout(GONE, alive.ended()).await;
    }
}

/// Removes all of a replica but its logs. This blocks.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    // First of all what makes it a replica, lest the next platform process take up a half of it.
    match fs::remove_file(folder.join(RECORD)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    folder::remove(folder)
}

/// An end of which nothing is known but the reason.
pub(super) fn unknown(reason: impl Into<String>) -> Exit {
    Exit { code: None, signal: None, out_of_memory: false, reason: reason.into(), at: Timestamp::now() }
}

pub(super) fn lost() -> Exit {
    unknown("its supervisor was killed, so how it ended is not known")
}

fn restarted() -> Exit {
    unknown("the machine was restarted")
}
