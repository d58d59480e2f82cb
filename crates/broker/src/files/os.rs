//! The operating system's filesystem.

use std::{fs, io, os::fd::AsFd, path::Path, sync::Arc};

use rustix::{
    buffer::spare_capacity,
    process::{Resource, getrlimit, setrlimit},
};

use super::{File, Files};

/// The operating system's filesystem.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsFiles;

impl Files for OsFiles {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Arc::new(OsFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(OsFile(fs::OpenOptions::new().read(true).write(true).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        fs::File::open(dir)?.sync_all()
    }
}

struct OsFile(fs::File);

impl File for OsFile {
    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut data = Vec::with_capacity(len);
        while data.len() < len {
            let at = offset + data.len() as u64;
            match rustix::io::pread(self.0.as_fd(), spare_capacity(&mut data), at) {
                Ok(0) => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        data.truncate(len);
        Ok(data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, data, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// Lets the process open as many files as the machine allows; returns that number. The common default of 1,024
/// is too few for a thousand partitions and their clients.
pub fn raise_open_file_limit() -> io::Result<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    Ok(limit.current.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_at_positions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let file = OsFiles.create(&path).unwrap();
        file.write(0, b"hello world").unwrap();
        file.write(6, b"there").unwrap();
        assert_eq!(file.read(6, 100).unwrap(), b"there");
        assert_eq!(file.read(0, 5).unwrap(), b"hello");
        assert!(file.read(50, 5).unwrap().is_empty());
        assert!(file.read(0, 0).unwrap().is_empty());
        file.truncate(5).unwrap();
        assert_eq!(file.size().unwrap(), 5);
        OsFiles.rename(&path, &dir.path().join("g")).unwrap();
        OsFiles.sync_dir(dir.path()).unwrap();
        assert_eq!(OsFiles.list(dir.path()).unwrap(), ["g"]);
        assert_eq!(OsFiles.open(&path).err().unwrap().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn the_open_file_limit_is_the_machines() {
        assert!(raise_open_file_limit().unwrap() >= 256);
    }
}
