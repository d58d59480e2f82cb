//! How much of the output of a deployment is kept. Whole segments leave, the oldest first; offsets of what stays do not
//! change, and a log's newest offset is never forgotten as long as its replica may run again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{ended, segments, write};
use crate::folder;

/// How much output of deployments is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// Of one run, in bytes.
    pub run_bytes: u64,
    /// Of all runs of a deployment together, in bytes.
    pub deployment_bytes: u64,
    /// How long, in days.
    pub days: u32,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { run_bytes: 1 << 30, deployment_bytes: 2 << 30, days: 30 }
    }
}

/// One log and what it holds.
struct Log {
    folder: PathBuf,
    segments: Vec<Segment>,
    ended: bool,
    /// No later run of the same replica has a log.
    newest: bool,
}

struct Segment {
    path: PathBuf,
    end: u64,
    bytes: u64,
    written: SystemTime,
}

/// Removes what is too much of the logs of a deployment, which are in `folder`, at `now`. Several may do so at once.
pub(crate) fn trim(folder: &Path, keeping: &Keeping, now: SystemTime) -> io::Result<()> {
    let mut logs = logs(folder)?;
    let oldest = now.checked_sub(Duration::from_secs(u64::from(keeping.days) * 24 * 60 * 60));
    for log in &mut logs {
        while log.bytes() > keeping.run_bytes && log.segments.len() > 1 {
            log.drop_oldest()?;
        }
        while log.oldest().is_some_and(|segment| oldest.is_some_and(|oldest| segment.written < oldest)) {
            log.drop_oldest()?;
        }
    }
    let mut total: u64 = logs.iter().map(Log::bytes).sum();
    while total > keeping.deployment_bytes {
        let with_oldest = logs.iter_mut().filter_map(|log| Some((log.oldest()?.written, log)));
        let Some((_, log)) = with_oldest.min_by_key(|(written, _)| *written) else { break };
        total -= log.drop_oldest()?;
    }
    for log in logs.iter().filter(|log| log.bytes() == 0 && log.ended && !log.newest) {
        folder::remove(&log.folder)?;
    }
    Ok(())
}

/// The same for a log that is alone: its size only.
pub(crate) fn trim_one(folder: &Path, keeping: &Keeping) -> io::Result<()> {
    let mut log = Log::open(folder.to_owned(), true)?;
    while log.bytes() > keeping.run_bytes && log.segments.len() > 1 {
        log.drop_oldest()?;
    }
    Ok(())
}

impl Log {
    fn open(folder: PathBuf, newest: bool) -> io::Result<Self> {
        let ended = ended(&folder);
        let mut all = Vec::new();
        for (base, path) in segments(&folder)? {
            match fs::metadata(&path) {
                Ok(meta) => all.push(Segment {
                    end: base + meta.len(),
                    bytes: meta.len(),
                    written: meta.modified()?,
                    path,
                }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { folder, segments: all, ended, newest })
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The oldest segment that may leave: not that which is written.
    fn oldest(&self) -> Option<&Segment> {
        let first = self.segments.first()?;
        (self.segments.len() > 1 || self.ended && first.bytes > 0).then_some(first)
    }

    /// Removes the oldest segment; answers its size.
    fn drop_oldest(&mut self) -> io::Result<u64> {
        let oldest = self.segments.remove(0);
        if self.segments.is_empty() {
            // An empty one says where the log ends, for whoever goes on.
            let (path, written) = (write::segment(&self.folder, oldest.end), oldest.written);
            write::open(&path)?;
            self.segments.push(Segment { path, end: oldest.end, bytes: 0, written });
        }
        match fs::remove_file(&oldest.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(oldest.bytes),
        }
    }
}

/// The logs of a deployment: `VERSION/REPLICA/RUN`.
fn logs(folder: &Path) -> io::Result<Vec<Log>> {
    let mut all = Vec::new();
    for version in numbers(folder)? {
        let version = folder.join(version.to_string());
        for replica in numbers(&version)? {
            let replica = version.join(replica.to_string());
            let runs = numbers(&replica)?;
            for run in &runs {
                match Log::open(replica.join(run.to_string()), runs.last() == Some(run)) {
                    Ok(log) => all.push(log),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(all)
}

/// The numbers that name folders in `folder`, in order.
pub(crate) fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in entries {
        all.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    all.sort_unstable();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{LogWriter, end, read};

    const NOW: Duration = Duration::ZERO;

    /// A log with segments of these sizes, written so many days ago.
    fn log(root: &Path, place: &str, days_ago: u64, sizes: &[usize]) -> PathBuf {
        let folder = root.join(place);
        folder::private(&folder).unwrap();
        let mut base = 0;
        for size in sizes {
            let path = write::segment(&folder, base);
            fs::write(&path, "x\n".repeat(size / 2)).unwrap();
            let written = SystemTime::now() - Duration::from_secs(days_ago * 86_400 + 60);
            fs::File::options().append(true).open(path).unwrap().set_modified(written).unwrap();
            base += *size as u64;
        }
        folder
    }

    fn bases(folder: &Path) -> Vec<u64> {
        segments(folder).unwrap().into_iter().map(|(base, _)| base).collect()
    }

    #[tokio::test]
    async fn what_is_old_leaves_and_offsets_stay() {
        let root = tempfile::tempdir().unwrap();
        let old = log(root.path(), "1/0/1", 31, &[10, 10]);
        let newest = log(root.path(), "1/0/2", 31, &[10, 20]);
        let running = log(root.path(), "2/0/1", 31, &[10, 10]);
        let young = log(root.path(), "2/1/1", 29, &[10]);
        for ended in [&old, &newest, &young] {
            end(ended).unwrap();
        }
        trim(root.path(), &Keeping::default(), SystemTime::now()).unwrap();
        assert!(!old.exists(), "an earlier run of the replica leaves as a whole");
        assert_eq!((bases(&newest), bases(&running), bases(&young)), (vec![30], vec![10], vec![0]));
        let tail = read(&newest, 5, 100, NOW).await.unwrap();
        assert_eq!((tail.offset, tail.next, tail.end), (30, 30, true));
        LogWriter::open(&newest).unwrap().append(b"more\n").unwrap();
        assert_eq!(read(&newest, 30, 100, NOW).await.unwrap().bytes, "more\n");
    }

    #[test]
    fn runs_and_deployments_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        let first = log(root.path(), "1/0/1", 3, &[10, 10, 10]);
        let second = log(root.path(), "1/0/2", 2, &[10, 10, 10, 10, 10]);
        let third = log(root.path(), "1/0/3", 1, &[10, 10]);
        end(&first).unwrap();
        end(&second).unwrap();
        let keeping = Keeping { run_bytes: 40, deployment_bytes: 70, days: 30 };
        trim(root.path(), &keeping, SystemTime::now()).unwrap();
        assert_eq!(
            (bases(&first), bases(&second), bases(&third)),
            (vec![20], vec![10, 20, 30, 40], vec![0, 10])
        );
        trim(root.path(), &Keeping { deployment_bytes: 1, ..keeping }, SystemTime::now()).unwrap();
        assert!(!first.exists() && !second.exists());
        assert_eq!(bases(&third), [10], "what is written stays");
    }
}
