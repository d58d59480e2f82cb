//! The machine that the numbers come from, described so that a reader can place them.

use std::{fmt, fs, io::Write, path::Path, thread::available_parallelism, time::Instant};

use anyhow::Context;

use crate::stats;

/// A machine in general terms.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    memory_gib: f64,
    kernel: String,
    file_system: String,
    /// Median time of an append of 4 KiB with `fdatasync`, in milliseconds.
    sync_ms: f64,
}

impl Machine {
    /// This machine, with the disk that holds `folder`.
    pub(crate) fn here(folder: &Path) -> anyhow::Result<Self> {
        let memory = fs::read_to_string("/proc/meminfo")?;
        let kib: f64 =
            field(&memory, "MemTotal").and_then(|v| v.split(' ').next()?.parse().ok()).unwrap_or(0.0);
        let processor = fs::read_to_string("/proc/cpuinfo")?;
        let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        Ok(Self {
            cores: available_parallelism()?.get(),
            processor: field(&processor, "model name").unwrap_or("unknown processor").to_owned(),
            memory_gib: kib / 1024.0 / 1024.0,
            kernel: release.split('.').take(2).collect::<Vec<_>>().join("."),
            file_system: file_system(folder)?,
            sync_ms: sync_ms(folder)?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, memory_gib, kernel, file_system, sync_ms } = self;
        write!(
            f,
            "{cores} cores ({processor}), {memory_gib:.0} GiB memory, Linux {kernel}, {file_system}; \
             an append of 4 KiB with fdatasync takes {sync_ms:.1} ms (median)"
        )
    }
}

/// The value of the first line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().strip_prefix(':')?.trim()))
}

/// The type of the file system that holds `folder`: of the mount with the longest matching path.
fn file_system(folder: &Path) -> anyhow::Result<String> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let holding = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (path, kind) = (words.next()?, words.next()?);
        folder.starts_with(path).then_some((path.len(), kind))
    });
    Ok(holding.max_by_key(|(length, _)| *length).context("the folder is on no mount")?.1.to_owned())
}

fn sync_ms(folder: &Path) -> anyhow::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    stats::median(&times).context("no syncs were measured")
}
