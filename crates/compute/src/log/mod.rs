//! Logs: a folder a log, segments named by the offset of their first byte, so that offsets stay meaningful while the
//! oldest output leaves.

mod line;
mod read;
mod watch;
mod write;

pub(crate) use line::Lines;
pub(crate) use read::read;
pub(crate) use write::LogWriter;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Size at which a segment is followed by the next, in bytes.
const SEGMENT: u64 = 8 * 1024 * 1024;
/// Segments kept.
const KEPT: usize = 8;
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
