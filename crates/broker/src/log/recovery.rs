//! Opening a partition: trust what the checkpoint covers, read what came after, cut off what is torn.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64},
    },
};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    LogSettings, aborted,
    checkpoint::Checkpoint,
    index,
    inner::{Inner, checkpoint_path, start_path},
    producers::Producers,
    segment::{self, Extent, Segment},
    small_file,
    walk::Walk,
    writer::{Writer, clear},
};
use crate::{
    batch::{self, Header},
    storage::{Error, Gate, Result, Storage},
};

/// Bytes read at once while the log is checked.
const PIECE: usize = 1024 * 1024;

/// The log as far as it has been read.
struct Recovered {
    segments: Vec<Arc<Segment>>,
    producers: Producers,
    end: i64,
    /// Segments before this number are durable with their indexes.
    checked: usize,
    /// Now: nobody knows when the producers that are read wrote.
    now_ms: i64,
}

/// Opens the partition in `dir`.
pub(super) fn open(storage: &Storage, dir: PathBuf, settings: Arc<ArcSwap<LogSettings>>) -> Result<Inner> {
    storage.files.create_dir(&dir).map_err(|error| Error::io(&dir, &error))?;
    let start = read_start(storage, &dir)?;
    let bases = tidy(storage, &dir, start)?;
    let checkpoint = read_checkpoint(storage, &dir)?.filter(|found| covers(storage, &dir, found, &bases));
    let durable = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.offset);
    let recovered = match checkpoint {
        Some(checkpoint) => recover(storage, &dir, &bases, Some(checkpoint))?,
        None => recover(storage, &dir, &bases, None)?,
    };
    let recovered = recovered.beginning_at(storage, &dir, start)?;
    assemble(storage, dir, settings, recovered, (start, durable))
}

fn assemble(
    storage: &Storage,
    dir: PathBuf,
    settings: Arc<ArcSwap<LogSettings>>,
    recovered: Recovered,
    (start, durable): (i64, i64),
) -> Result<Inner> {
    let Recovered { segments, producers, end, checked, .. } = recovered;
    let active = segments.last().expect("a partition has a segment").clone();
    let start = start.max(segments[0].base);
    let mut writer = Writer::new(storage, active.clone(), (start, end))?;
    writer.producers = producers;
    writer.unsynced = segments[checked..].to_vec();
    writer.unchecked = writer.unsynced.clone();
    writer.opened_ms = opened_ms(storage, &active)?;
    let offsets = watch::Sender::new(writer.offsets());
    Ok(Inner {
        storage: storage.clone(),
        dir,
        settings,
        gate: Arc::new(Gate::new(durable.min(end))),
        writer: Mutex::new(writer),
        segments: ArcSwap::from_pointee(segments),
        offsets,
        syncing: Mutex::new(()),
        checkpointed: Mutex::new(durable),
        last_checkpoint: AtomicI64::new(durable),
        moving_start: Mutex::new(()),
        deleted: AtomicBool::new(false),
    })
}

/// The first offset kept, when records were removed.
fn read_start(storage: &Storage, dir: &Path) -> Result<i64> {
    let content = small_file::read(storage, &start_path(dir))?;
    let start = content.and_then(|content| content.try_into().ok()).map(i64::from_be_bytes);
    Ok(start.unwrap_or(0))
}

fn read_checkpoint(storage: &Storage, dir: &Path) -> Result<Option<Checkpoint>> {
    Ok(small_file::read(storage, &checkpoint_path(dir))?.and_then(|content| Checkpoint::decode(&content)))
}

/// Removes files that an interruption left behind; returns the base offsets of the segments, in order.
fn tidy(storage: &Storage, dir: &Path, start: i64) -> Result<Vec<i64>> {
    let names = storage.files.list(dir).map_err(|error| Error::io(dir, &error))?;
    let base = |name: &String| name.strip_suffix(".log").and_then(|base| base.parse().ok());
    let bases: Vec<i64> = names.iter().filter_map(base).collect();
    // A segment whose successor begins at or before the first offset kept was about to be removed.
    let gone = bases.windows(2).filter(|pair| pair[1] <= start).count();
    let (gone, kept) = bases.split_at(gone);
    gone.iter().for_each(|base| clear(storage, dir, *base));
    for name in &names {
        let base = name.split_once('.').and_then(|(base, _)| base.parse::<i64>().ok());
        if name.ends_with(".new") || base.is_some_and(|base| !bases.contains(&base)) {
            // What cannot be removed now is not used either.
            let _ = storage.files.remove(&dir.join(name));
        }
    }
    Ok(kept.to_vec())
}

/// Whether the files are at least what the checkpoint says.
fn covers(storage: &Storage, dir: &Path, checkpoint: &Checkpoint, bases: &[i64]) -> bool {
    let holds = |ending, len| len == 0 || file_size(storage, dir, checkpoint.segment, ending) >= Some(len);
    let sound = bases.contains(&checkpoint.segment)
        && holds("log", checkpoint.position)
        && holds("index", checkpoint.index_entries * index::ENTRY_LEN)
        && holds("aborted", checkpoint.aborted_entries * aborted::ENTRY_LEN);
    if !sound {
        tracing::warn!(dir = %dir.display(), "checkpoint does not fit the log, reading all of it");
    }
    sound
}

fn file_size(storage: &Storage, dir: &Path, base: i64, ending: &str) -> Option<u64> {
    storage.files.open(&segment::path(dir, base, ending)).ok()?.size().ok()
}

/// Loads the segments that `checkpoint` covers and reads the others.
fn recover(
    storage: &Storage,
    dir: &Path,
    bases: &[i64],
    checkpoint: Option<Checkpoint>,
) -> Result<Recovered> {
    let first = bases.first().copied().unwrap_or(0);
    let mut recovered = Recovered {
        segments: Vec::with_capacity(bases.len()),
        producers: Producers::default(),
        end: checkpoint.as_ref().map_or(first, |checkpoint| checkpoint.offset),
        checked: 0,
        now_ms: storage.now(),
    };
    let mut rest = bases;
    if let Some(checkpoint) = checkpoint {
        let number = bases.partition_point(|base| *base < checkpoint.segment);
        for pair in bases[..=number].windows(2) {
            match sealed(storage, dir, (pair[0], pair[1]))? {
                Some(segment) => recovered.segments.push(Arc::new(segment)),
                None => return recover(storage, dir, bases, None),
            }
        }
        recovered.checked = number;
        recovered.producers = checkpoint.producers.clone();
        rest = &bases[number + 1..];
        let extent = extent(&checkpoint);
        if !recovered.extend(storage, dir, checkpoint.segment, extent)? {
            discard(storage, dir, rest);
            return Ok(recovered);
        }
    }
    for (number, base) in rest.iter().enumerate() {
        let whole = *base == recovered.end && recovered.extend(storage, dir, *base, Extent::EMPTY)?;
        if !whole {
            let torn = recovered.segments.last().is_some_and(|last| last.base == *base);
            discard(storage, dir, &rest[number + usize::from(torn)..]);
            break;
        }
    }
    Ok(recovered)
}

fn extent(checkpoint: &Checkpoint) -> Extent {
    Extent {
        size: checkpoint.position,
        max_timestamp: checkpoint.max_timestamp,
        index_entries: checkpoint.index_entries,
        last_indexed: checkpoint.last_indexed,
        aborted_entries: checkpoint.aborted_entries,
    }
}

/// A segment that was complete before the checkpoint; `None` if its files do not agree.
fn sealed(storage: &Storage, dir: &Path, (base, next): (i64, i64)) -> Result<Option<Segment>> {
    let size = |ending| file_size(storage, dir, base, ending).unwrap_or(0);
    let extent = Extent {
        size: size("log"),
        index_entries: size("index") / index::ENTRY_LEN,
        aborted_entries: size("aborted") / aborted::ENTRY_LEN,
        ..Extent::EMPTY
    };
    let probe = Segment::new(dir, base, extent);
    let last = probe.index.last_stored(storage)?;
    let sound = last.filter(|last| last.position == extent.size && last.offset == next);
    if sound.is_none() {
        tracing::warn!(dir = %dir.display(), base, "index does not fit its segment, reading all of the log");
    }
    Ok(sound.map(|last| Segment::new(dir, base, Extent { max_timestamp: last.max_timestamp, ..extent })))
}

/// Removes segments that follow a tear: nothing in them was acknowledged as durable.
fn discard(storage: &Storage, dir: &Path, bases: &[i64]) {
    for base in bases {
        tracing::warn!(dir = %dir.display(), base, "segment follows a tear in the log, dropping it");
        clear(storage, dir, *base);
    }
}

impl Recovered {
    /// Reads what a segment holds beyond `extent`, and adds it. Whether it was sound to its end.
    fn extend(&mut self, storage: &Storage, dir: &Path, base: i64, extent: Extent) -> Result<bool> {
        if let Some(last) = self.segments.last() {
            last.seal(storage, self.end)?;
            last.index.unload();
        }
        let segment = Arc::new(Segment::new(dir, base, extent));
        segment.trim(storage)?;
        self.segments.push(segment.clone());
        let total = file_size(storage, dir, base, "log").unwrap_or(0);
        let file = segment.file(storage)?;
        let mut walk = Walk::new(file, segment.path().to_owned(), (extent.size, total), PIECE);
        while let Some(header) = walk.header()? {
            let data = walk.batch(&header)?;
            if header.base_offset != self.end || header.count <= 0 || !batch::check_sum(data, &header) {
                break;
            }
            self.replay(storage, &segment, &header, data)?;
            segment.index.reserve(storage)?;
            segment.publish(walk.position(), &header);
            self.end = header.next_offset();
            walk.step(&header);
        }
        let sound = walk.position() == total;
        if !sound {
            let lost = total - walk.position();
            tracing::warn!(file = %segment.path().display(), lost, "cutting off a torn tail");
        }
        Ok(sound)
    }

    /// Brings the state of producers and transactions to after a batch.
    fn replay(&mut self, storage: &Storage, segment: &Segment, header: &Header, data: &[u8]) -> Result<()> {
        let now_ms = self.now_ms;
        let Some(abort) = batch::is_abort(data, header) else {
            self.producers.note(header, now_ms);
            return Ok(());
        };
        let coordinator = batch::coordinator_epoch(data).unwrap_or(-1);
        let first = self.producers.end(header, coordinator, now_ms);
        if let Some(first_offset) = first.filter(|_| abort) {
            let last_stable = self.producers.first_open().unwrap_or(header.next_offset());
            let (producer_id, marker) = (header.producer_id, header.base_offset);
            let entry = aborted::Entry { producer_id, first_offset, marker, last_stable };
            segment.aborted.prepare(storage, &entry)?;
            segment.aborted.publish();
        }
        Ok(())
    }

    /// The same with a segment to write to, when none is left at or after `start`.
    fn beginning_at(mut self, storage: &Storage, dir: &Path, start: i64) -> Result<Self> {
        if !self.segments.is_empty() && self.end >= start {
            return Ok(self);
        }
        for segment in self.segments.drain(..) {
            segment.remove(storage)?;
        }
        self.end = self.end.max(start);
        self.checked = 0;
        self.producers = Producers::default();
        self.segments.push(Arc::new(Segment::new(dir, self.end, Extent::EMPTY)));
        Ok(self)
    }
}

/// When the active segment got its first batch: no file says so, but the batch's own time is close.
fn opened_ms(storage: &Storage, active: &Segment) -> Result<i64> {
    let now_ms = storage.now();
    if active.size() == 0 {
        return Ok(now_ms);
    }
    let header = active.walk(storage, 0, batch::HEADER_LEN)?.header()?;
    Ok(header.map_or(now_ms, |header| header.max_timestamp.clamp(0, now_ms)))
}
