//! What is known of a run, beside its output.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ended, line, search, segments};
use crate::{
    Attempt, Exit, Run,
    folder::{read_record, write_record},
};

/// The record's file, beside the segments.
const RECORD: &str = "run.json";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    started_at: Option<Timestamp>,
    exit: Option<Exit>,
}

/// Remembers when a run began.
pub(crate) fn began(folder: &Path, at: Timestamp) -> io::Result<()> {
    write_record(&folder.join(RECORD), &Record { started_at: Some(at), exit: None })
}

/// Remembers how a run ended.
pub(crate) fn exited(folder: &Path, exit: &Exit) -> io::Result<()> {
    let record = Record { exit: Some(exit.clone()), ..recorded(folder) };
    write_record(&folder.join(RECORD), &record)
}

/// What was remembered; what a power cut has spoilt says nothing.
fn recorded(folder: &Path) -> Record {
    read_record(&folder.join(RECORD)).ok().flatten().unwrap_or_default()
}

/// A run whose log is in `folder`.
pub(crate) fn run(folder: &Path, attempt: Attempt) -> io::Result<Run> {
    let record = recorded(folder);
    let ended = ended(folder);
    let mut bytes = 0;
    for (_, path) in segments(folder)? {
        match fs::metadata(path) {
            Ok(meta) => bytes += meta.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let written = search::written(folder)?;
    let started_at = record.started_at.or(written.map(|(first, _)| first));
    Ok(Run { attempt, started_at, exit: record.exit, ended, written, bytes })
}

/// The time of a segment's first line.
pub(super) fn first_time(segment: &fs::File) -> Option<Timestamp> {
    let mut start = [0; 64];
    let read = std::os::unix::fs::FileExt::read_at(segment, &mut start, 0).ok()?;
    line::time_of(&start[..read])
}
