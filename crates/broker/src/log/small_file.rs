//! Small files that are replaced as a whole, with a checksum: they are either as before or as after.

use std::{io, path::Path};

use crate::storage::{Error, Result, Storage};

/// Replaces the file at `path`; durable when it returns.
pub(crate) fn write(storage: &Storage, path: &Path, content: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let mut data = crc32c::crc32c(content).to_be_bytes().to_vec();
    data.extend_from_slice(content);
    let steps = || {
        let file = storage.files.create(&new)?;
        file.truncate(0)?;
        file.write(0, &data)?;
        file.sync()?;
        storage.files.rename(&new, path)?;
        path.parent().map_or(Ok(()), |dir| storage.files.sync_dir(dir))
    };
    steps().map_err(|error| Error::io(path, &error))
}

/// The content of the file at `path`; `None` when there is none, or it is damaged.
pub(crate) fn read(storage: &Storage, path: &Path) -> Result<Option<Vec<u8>>> {
    let load = || {
        let file = storage.files.open(path)?;
        file.read(0, file.size()? as usize)
    };
    let mut data = match load() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| Error::io(path, &error))?,
    };
    let sum: Option<[u8; 4]> = data.first_chunk().copied();
    let sound = sum.is_some_and(|sum| crc32c::crc32c(&data[4..]) == u32::from_be_bytes(sum));
    if !sound {
        tracing::warn!(path = %path.display(), "file is damaged, doing without");
        return Ok(None);
    }
    data.drain(..4);
    Ok(Some(data))
}
