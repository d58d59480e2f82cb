//! Logs: a folder a log, segments named by the offset of their first byte, so that offsets stay meaningful while the
//! oldest output leaves. Lines are in the order of their times, so a time is found without an index.

mod keep;
mod level;
mod line;
mod query;
mod read;
mod run;
mod search;
mod watch;
mod write;

pub use keep::Keeping;
pub(crate) use keep::{numbers, trim};
pub use level::{Level, Levels};
pub(crate) use line::Lines;
pub use query::{Budget, Direction, LogFound, LogLine, LogMatch, LogPosition, LogQuery, Run};
pub(crate) use read::read;
pub(crate) use run::{began, exited, run};
pub use search::Pattern;
pub(crate) use search::search;
pub(crate) use write::LogWriter;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Size at which a segment is followed by the next, in bytes.
const SEGMENT: u64 = 8 * 1024 * 1024;
/// More than any line on disk is long: a piece of 64 KiB, each byte of which may have been replaced by three.
const LONGEST: usize = 256 * 1024;
/// Stands beside the segments once no more will come.
const ENDED: &str = "ended";

/// The segments of a log by their first offset, oldest first.
fn segments(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let base = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".log")?.parse().ok());
        all.extend(base.map(|base| (base, path)));
    }
    all.sort_unstable();
    Ok(all)
}

/// The lines of a chunk.
pub(crate) fn lines(chunk: &crate::LogChunk) -> impl Iterator<Item = LogLine> {
    line::each(chunk.offset, &chunk.bytes).filter_map(|(offset, line)| line::parse(offset, line))
}

/// Says that no more will come.
pub(crate) fn end(folder: &Path) -> io::Result<()> {
    fs::write(folder.join(ENDED), "")
}

/// Says that more will come after all.
pub(crate) fn resume(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(ENDED)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether no more will come.
pub(crate) fn ended(folder: &Path) -> bool {
    folder.join(ENDED).exists()
}
