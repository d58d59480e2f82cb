//! Gigabytes of log as a busy service writes them.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

/// Bytes after which the platform begins another file.
const SEGMENT: u64 = 8 << 20;
/// The time from the first line to the last.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// About the length of a line in bytes.
const LINE: u64 = 150;

/// A log on disk.
pub(super) struct Corpus {
    /// Its files, the oldest first.
    pub(super) files: Vec<PathBuf>,
    /// The time of its last line.
    pub(super) end: Timestamp,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

/// Writes a log of about `bytes` into `folder`, in the platform's form. One line in a hundred warns, one in a thousand is
/// an error, and a single one, near the beginning, holds `needle-7f3a`.
pub(super) fn write(folder: &Path, bytes: u64) -> anyhow::Result<Corpus> {
    fs::create_dir_all(folder)?;
    let end = Timestamp::now();
    let (begin, lines) = (end - SPAN, bytes / LINE);
    let step = SPAN.as_micros() as u64 / lines;
    let mut corpus = Corpus { files: Vec::new(), end, bytes: 0, lines };
    let (mut written, mut out) = (SEGMENT, None);
    for number in 0..lines {
        if written >= SEGMENT {
            let path = folder.join(format!("{:020}.log", corpus.bytes));
            out = Some(BufWriter::with_capacity(1 << 20, File::create(&path)?));
            corpus.files.push(path);
            written = 0;
        }
        let time = begin + SignedDuration::from_micros((number * step) as i64);
        let line = line(number, lines, time);
        if let Some(out) = &mut out {
            out.write_all(line.as_bytes())?;
        }
        written += line.len() as u64;
        corpus.bytes += line.len() as u64;
    }
    drop(out);
    fs::write(folder.join("ended"), "")?;
    Ok(corpus)
}

fn line(number: u64, lines: u64, time: Timestamp) -> String {
    // Mixed, so that no two lines are alike and nothing is next to what is like it.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let (level, what) = match number {
        _ if number == lines / 20 => ("INFO", "needle-7f3a"),
        _ if mixed.is_multiple_of(1000) => ("ERROR", "upstream refused"),
        _ if mixed.is_multiple_of(100) => ("WARNING", "slow response"),
        _ => ("INFO", "request served"),
    };
    format!(
        "{time:.6} err [{level}] shop.orders: {what} id={mixed:012x} path=/orders/{} status=200 took={}ms\n",
        mixed % 1_000_003,
        mixed % 97
    )
}
