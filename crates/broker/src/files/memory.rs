//! A filesystem in memory that can lose power, for tests of durability.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{File, Files};

/// A filesystem in memory. What was not synced may be lost by [`power_cut`](Self::power_cut); the disk can be
/// made to fill up and syncs to fail.
#[derive(Clone, Default)]
pub struct MemoryFiles {
    disk: Arc<Mutex<Disk>>,
}

#[derive(Default)]
struct Disk {
    /// Names as they are seen.
    names: Names,
    /// Names as a power cut would leave them at worst.
    durable: Names,
    /// Changes of names since, in order.
    pending: Vec<Change>,
    content: BTreeMap<u64, Content>,
    next: u64,
    capacity: Option<u64>,
    failing: Option<String>,
    syncs: u64,
}

#[derive(Default, Clone)]
struct Names {
    files: BTreeMap<PathBuf, u64>,
    folders: BTreeSet<PathBuf>,
}

#[derive(Clone)]
enum Change {
    Create(PathBuf, u64),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    CreateFolder(PathBuf),
    RemoveFolder(PathBuf),
}

#[derive(Default, Clone)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
    /// The two agree up to here.
    clean: usize,
}

impl MemoryFiles {
    /// An empty filesystem.
    pub fn new() -> Self {
        Self::default()
    }

    /// The filesystem after a power cut: of what was not synced, a part chosen by `seed` is gone. Files opened
    /// before belong to the time before.
    pub fn power_cut(&self, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let disk = self.disk.lock();
        let mut names = disk.durable.clone();
        let kept = random.random_range(0..=disk.pending.len());
        disk.pending[..kept].iter().for_each(|change| names.apply(change));
        names.drop_orphans();
        let survived = |content: &Content| survive(content, &mut random);
        let content: BTreeMap<_, _> = {
            let mut survived = survived;
            names.files.values().map(|id| (*id, survived(&disk.content[id]))).collect()
        };
        let after = Disk {
            durable: names.clone(),
            names,
            content,
            next: disk.next,
            capacity: disk.capacity,
            ..Disk::default()
        };
        Self { disk: Arc::new(Mutex::new(after)) }
    }

    /// The disk holds this many bytes; none is no bound.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.disk.lock().capacity = bytes;
    }

    /// Syncs of files whose name contains `name` fail from now on; none fails none.
    pub fn fail_syncs(&self, name: Option<&str>) {
        self.disk.lock().failing = name.map(str::to_owned);
    }

    /// Syncs of files so far.
    pub fn syncs(&self) -> u64 {
        self.disk.lock().syncs
    }

    fn handle(&self, id: u64) -> Arc<dyn File> {
        Arc::new(MemoryFile { disk: self.disk.clone(), id })
    }
}

/// A content after a power cut: what is synced stays; of the rest a beginning, or a beginning and zeros.
fn survive(content: &Content, random: &mut StdRng) -> Content {
    let Content { now, synced, clean } = content;
    let mut data = match random.random_range(0..4) {
        0 => synced.clone(),
        1 => now.clone(),
        _ => now[..random.random_range(*clean.min(&now.len())..=now.len())].to_vec(),
    };
    if random.random_bool(0.25) && now.len() > data.len() {
        // The length reached the disk before the data did.
        data.resize(random.random_range(data.len()..=now.len()), 0);
    }
    Content { clean: data.len(), synced: data.clone(), now: data }
}

impl Names {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Create(path, id) => {
                self.files.insert(path.clone(), *id);
            }
            Change::Rename(from, to) => self.rename(from, to),
            Change::Remove(path) => {
                self.files.remove(path);
            }
            Change::CreateFolder(path) => {
                self.folders.insert(path.clone());
            }
            Change::RemoveFolder(path) => {
                self.files.retain(|file, _| !file.starts_with(path));
                self.folders.retain(|folder| !folder.starts_with(path));
            }
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        let moved = |path: &Path| path.strip_prefix(from).ok().map(|rest| join(to, rest));
        if let Some(id) = self.files.remove(from) {
            self.files.insert(to.to_owned(), id);
            return;
        }
        let files = std::mem::take(&mut self.files);
        self.files = files.into_iter().map(|(path, id)| (moved(&path).unwrap_or(path), id)).collect();
        let folders = std::mem::take(&mut self.folders);
        self.folders = folders.into_iter().map(|path| moved(&path).unwrap_or(path)).collect();
    }

    fn drop_orphans(&mut self) {
        let folders = self.folders.clone();
        let whole = |path: &Path| {
            path.ancestors()
                .skip(1)
                .all(|a| a.parent().is_none() || a == Path::new("") || folders.contains(a))
        };
        self.files.retain(|path, _| whole(path));
        self.folders.retain(|path| whole(path));
    }
}

fn join(to: &Path, rest: &Path) -> PathBuf {
    if rest == Path::new("") { to.to_owned() } else { to.join(rest) }
}

impl Disk {
    fn change(&mut self, change: Change) {
        self.names.apply(&change);
        self.pending.push(change);
    }

    fn used(&self) -> u64 {
        self.names.files.values().map(|id| self.content[id].now.len() as u64).sum()
    }

    fn file(&mut self, id: u64) -> io::Result<&mut Content> {
        self.content.get_mut(&id).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn name(&self, id: u64) -> String {
        let found = self.names.files.iter().find(|(_, other)| **other == id);
        found.map_or_else(String::new, |(path, _)| path.display().to_string())
    }

    fn fails(&self, name: &str) -> io::Result<()> {
        match &self.failing {
            Some(part) if name.contains(part.as_str()) => Err(io::Error::other("injected sync failure")),
            _ => Ok(()),
        }
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, path.display().to_string())
}

impl Files for MemoryFiles {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut disk = self.disk.lock();
        if let Some(id) = disk.names.files.get(path) {
            return Ok(self.handle(*id));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        if !disk.names.folders.contains(folder) {
            return Err(missing(folder));
        }
        let id = disk.next;
        disk.next += 1;
        disk.content.insert(id, Content::default());
        disk.change(Change::Create(path.to_owned(), id));
        Ok(self.handle(id))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let disk = self.disk.lock();
        disk.names.files.get(path).map(|id| self.handle(*id)).ok_or_else(|| missing(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if !disk.names.files.contains_key(from) && !disk.names.folders.contains(from) {
            return Err(missing(from));
        }
        disk.change(Change::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if !disk.names.files.contains_key(path) {
            return Err(missing(path));
        }
        disk.change(Change::Remove(path.to_owned()));
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let disk = self.disk.lock();
        if !disk.names.folders.contains(dir) {
            return Err(missing(dir));
        }
        let paths =
            disk.names.files.keys().chain(&disk.names.folders).filter(|path| path.parent() == Some(dir));
        let mut names: Vec<_> =
            paths.filter_map(|path| path.file_name().and_then(OsStr::to_str)).map(str::to_owned).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        let mut above: Vec<_> = dir.ancestors().collect();
        above.reverse();
        for path in above {
            if !disk.names.folders.contains(path) {
                disk.change(Change::CreateFolder(path.to_owned()));
            }
        }
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if !disk.names.folders.contains(dir) {
            return Err(missing(dir));
        }
        disk.change(Change::RemoveFolder(dir.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.fails(&dir.display().to_string())?;
        let pending = std::mem::take(&mut disk.pending);
        let within = |path: &Path| path.parent() == Some(dir);
        for change in pending {
            let here = match &change {
                Change::Create(path, _) | Change::Remove(path) => within(path),
                Change::CreateFolder(path) | Change::RemoveFolder(path) => within(path),
                Change::Rename(from, to) => within(from) || within(to),
            };
            if here {
                disk.durable.apply(&change);
            } else {
                disk.pending.push(change);
            }
        }
        Ok(())
    }
}

struct MemoryFile {
    disk: Arc<Mutex<Disk>>,
    id: u64,
}

impl File for MemoryFile {
    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut disk = self.disk.lock();
        let data = &disk.file(self.id)?.now;
        let from = (offset as usize).min(data.len());
        Ok(data[from..(from + len).min(data.len())].to_vec())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.lock();
        let free = disk.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(disk.used()));
        let file = disk.file(self.id)?;
        let offset = offset as usize;
        let growth = (offset + data.len()).saturating_sub(file.now.len());
        // A full disk takes what still fits, as real ones do.
        let fits = data.len() - growth.saturating_sub(free as usize).min(data.len());
        if file.now.len() < offset + fits {
            file.now.resize(offset + fits, 0);
        }
        file.now[offset..offset + fits].copy_from_slice(&data[..fits]);
        file.clean = file.clean.min(offset);
        if fits < data.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut disk = self.disk.lock();
        let file = disk.file(self.id)?;
        file.now.resize(len as usize, 0);
        file.clean = file.clean.min(len as usize);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.syncs += 1;
        let name = disk.name(self.id);
        disk.fails(&name)?;
        let file = disk.file(self.id)?;
        file.synced.truncate(file.clean);
        file.synced.extend_from_slice(&file.now[file.clean..]);
        file.clean = file.now.len();
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.lock().file(self.id)?.now.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk() -> (MemoryFiles, Arc<dyn File>) {
        let files = MemoryFiles::new();
        files.create_dir(Path::new("/d")).unwrap();
        files.sync_dir(Path::new("/")).unwrap();
        let file = files.create(Path::new("/d/f")).unwrap();
        (files, file)
    }

    #[test]
    fn a_power_cut_keeps_what_was_synced() {
        let (files, file) = disk();
        file.write(0, b"kept").unwrap();
        file.sync().unwrap();
        files.sync_dir(Path::new("/d")).unwrap();
        file.write(4, b" or lost").unwrap();
        let mut lengths = BTreeSet::new();
        for seed in 0..200 {
            let after = files.power_cut(seed);
            let data = after.open(Path::new("/d/f")).unwrap().read(0, 100).unwrap();
            assert!(data.starts_with(b"kept"));
            lengths.insert(data.len());
        }
        assert_eq!(lengths, (4..=12).collect());
    }

    #[test]
    fn names_survive_only_with_their_folder_synced() {
        let (files, file) = disk();
        file.write(0, b"x").unwrap();
        file.sync().unwrap();
        let survived = (0..50).filter(|seed| files.power_cut(*seed).open(Path::new("/d/f")).is_ok()).count();
        assert!((1..50).contains(&survived));
        files.sync_dir(Path::new("/d")).unwrap();
        files.rename(Path::new("/d/f"), Path::new("/d/g")).unwrap();
        for seed in 0..50 {
            assert_eq!(files.power_cut(seed).list(Path::new("/d")).unwrap().len(), 1, "a rename is atomic");
        }
    }

    #[test]
    fn a_full_disk_takes_a_part() {
        let (files, file) = disk();
        files.set_capacity(Some(6));
        assert_eq!(file.write(0, b"12345678").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.size().unwrap(), 6);
        file.truncate(0).unwrap();
        file.write(0, b"123456").unwrap();
        file.write(0, b"654321").unwrap();
    }

    #[test]
    fn injected_sync_failures_hit_the_named_files() {
        let (files, file) = disk();
        files.fail_syncs(Some("/d/f"));
        assert!(file.sync().is_err());
        files.fail_syncs(Some("other"));
        file.sync().unwrap();
    }
}
