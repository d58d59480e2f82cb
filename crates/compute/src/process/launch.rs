//! From what is wanted to what a supervisor is told.

use std::collections::BTreeMap;

use crate::{
    Attempt, Error, Folders, Keeping, ReplicaSpec, Result,
    folder::{private, replica_name},
    limits::{Asked, Held},
    sandbox::{Confinement, Sandbox, owned},
    supervisor::{Launch, Task},
};

/// Where programs keep state that need not outlive them, when no state was asked for.
const STATE_PATH: &str = "Quix__Deployment__State__Path";

/// Prepares the folders of a run and says what its supervisor is to do.
pub(super) fn task(
    folders: &Folders,
    confinement: &Confinement,
    spec: &ReplicaSpec,
    port: u16,
    attempt: Attempt,
) -> Result<Task> {
    let io = |what: &str| Error::io(format!("preparing a replica ({what})"));
    let folder = folders.replica(&spec.id);
    let tmp = folder.join("tmp");
    let sandbox = confinement.sandbox(&spec.workspace, &tmp)?;
    private(&folder).map_err(io("folder"))?;
    owned(&tmp, sandbox.uid).map_err(io("temporary folder"))?;
    if let Some(state) = &spec.state {
        owned(&state.path, sandbox.uid).map_err(io("state folder"))?;
    }
    let sandbox = Sandbox {
        readable: [std::slice::from_ref(&spec.environment.code), &spec.environment.readable].concat(),
        writable: spec.state.iter().map(|state| state.path.clone()).collect(),
        ..sandbox
    };

    let mut variables = base_variables(&sandbox);
    variables.insert("PORT".into(), port.to_string());
    variables.insert(STATE_PATH.into(), sandbox.home().join("state").display().to_string());
    variables.extend(spec.environment.variables.clone());
    variables.extend(spec.variables.clone());
    let asked = Asked::of_replica(spec.cpu_millicores, spec.memory_in_mb);
    let group = confinement.groups().make(&replica_name(&spec.id), &asked).map_err(io("control group"))?;
    let held = Held { asked, group, uid: sandbox.uid };
    Ok(Task {
        log: folders.attempt_log(&attempt),
        logs: folders.logs(attempt.replica.deployment),
        keeping: Keeping::default(),
        attempt: attempt.number,
        launch: Launch {
            sandbox,
            held,
            command: spec.environment.command.clone(),
            folder: spec.environment.code.clone(),
            variables,
            own_group: true,
            outcome: folder.join("outcome.json"),
        },
        folder,
    })
}

/// What every program gets, and nothing of the platform's own environment beside it.
pub(crate) fn base_variables(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let home = sandbox.home().display().to_string();
    [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LANG", "C.UTF-8"),
        ("HOME", &home),
        ("TMPDIR", &home),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
