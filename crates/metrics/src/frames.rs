//! A file of frames that only grows. A frame is its body's length and CRC-32C (4 bytes each, little endian), then the body.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

const HEADER_LEN: usize = 8;

/// Such a file, open to be appended to.
pub(crate) struct Frames {
    path: PathBuf,
    file: File,
    /// Bytes that are whole frames.
    len: u64,
}

impl Frames {
    /// Opens or makes the file and hands every whole frame's body to `take`. What a crash has torn at the end is cut off.
    pub(crate) fn open(path: PathBuf, mut take: impl FnMut(&[u8])) -> Result<Self> {
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(Error::io(&path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(Error::io(&path))?;
        let mut rest = bytes.as_slice();
        while let Some(body) = next(&mut rest) {
            take(body);
        }
        if !rest.is_empty() {
            tracing::warn!(path = %path.display(), lost = rest.len(), "cutting off a torn tail");
        }
        let len = (bytes.len() - rest.len()) as u64;
        file.set_len(len).map_err(Error::io(&path))?;
        Ok(Self { path, file, len })
    }

    /// Writes a frame. When this fails the file is as before.
    pub(crate) fn append(&mut self, body: &[u8]) -> Result<()> {
        let mut frame = Vec::with_capacity(HEADER_LEN + body.len());
        frame.extend((body.len() as u32).to_le_bytes());
        frame.extend(crc32c::crc32c(body).to_le_bytes());
        frame.extend(body);
        // In place: what an earlier failure has left behind is written over.
        self.file.write_all_at(&frame, self.len).map_err(Error::io(&self.path))?;
        self.len += frame.len() as u64;
        Ok(())
    }

    /// Makes it survive a power cut.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(Error::io(&self.path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }
}

/// Takes the next whole frame's body off the beginning.
fn next<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (header, behind) = rest.split_first_chunk::<HEADER_LEN>()?;
    let [len, sum] =
        [0, 4].map(|at| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    // Nobody writes empty frames, but zeros would read as one.
    let body = behind.get(..len as usize).filter(|body| !body.is_empty() && crc32c::crc32c(body) == sum)?;
    *rest = &behind[body.len()..];
    Some(body)
}

/// Writes a whole file so that it is there entirely or not at all, also after a power cut.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let new = path.with_extension("new");
    let all = || {
        let mut out = std::io::BufWriter::new(File::create(&new)?);
        write(&mut out)?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_data()?;
        std::fs::rename(&new, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_data(),
            None => Ok(()),
        }
    };
    all().map_err(Error::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &Path) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        Frames::open(path.to_owned(), |body| all.push(body.to_vec())).unwrap();
        all
    }

    #[test]
    fn a_torn_tail_is_cut_and_the_file_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames");
        let mut frames = Frames::open(path.clone(), |_| unreachable!()).unwrap();
        frames.append(b"first").unwrap();
        frames.append(b"second").unwrap();
        let whole = std::fs::read(&path).unwrap();
        let first_len = HEADER_LEN + 5;
        for cut in first_len..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(all(&path), [b"first"]);
            let mut frames = Frames::open(path.clone(), |_| {}).unwrap();
            frames.append(b"third").unwrap();
            assert_eq!(all(&path), [b"first", b"third"]);
        }
        for at in first_len..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(all(&path), [b"first"], "byte {at} is wrong");
        }
    }
}
