//! Why the platform ended a run: told to the supervisor, who knows only that it was asked to.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use crate::folder::{read_record, write_record};

/// The record's file, within the replica's folder.
const VERDICT: &str = "verdict.json";

/// Why a run has to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// In words.
    pub(crate) reason: String,
    pub(crate) out_of_memory: bool,
}

impl Verdict {
    /// Puts it on record for run `attempt`.
    pub(crate) fn pass(&self, folder: &Path, attempt: u32) -> io::Result<()> {
        write_record(&folder.join(VERDICT), &(attempt, self))
    }

    /// The one on run `attempt`.
    pub(super) fn on(folder: &Path, attempt: u32) -> Option<Self> {
        let (of, verdict) = read_record::<(u32, Self)>(&folder.join(VERDICT)).ok()??;
        (of == attempt).then_some(verdict)
    }
}
