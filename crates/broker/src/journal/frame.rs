//! Frames: what one [`apply`](super::Journal::apply) writes.
//!
//! A frame is its body's length and CRC-32C (4 bytes each, big endian), then the body: for each change a byte
//! (1 put, 0 delete), the key with its length (4 bytes), and for a put the value likewise.

use std::{collections::BTreeMap, path::Path};

use bytes::{Buf, BufMut, Bytes};

use crate::{
    files::File,
    storage::{Error, Result},
};

const HEADER_LEN: usize = 8;
const PUT: u8 = 1;
const DELETE: u8 = 0;

/// A change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Gives the key a value.
    Put(Bytes, Bytes),
    /// Removes the key.
    Delete(Bytes),
}

/// Bytes that an entry takes in a file.
pub(super) fn weight(key: &[u8], value: &[u8]) -> u64 {
    (9 + key.len() + value.len()) as u64
}

/// The frame of some changes.
pub(super) fn encode(changes: &[Change]) -> Vec<u8> {
    let mut out = vec![0; HEADER_LEN];
    for change in changes {
        match change {
            Change::Put(key, value) => {
                out.put_u8(PUT);
                put(&mut out, key);
                put(&mut out, value);
            }
            Change::Delete(key) => {
                out.put_u8(DELETE);
                put(&mut out, key);
            }
        }
    }
    let (header, body) = out.split_at_mut(HEADER_LEN);
    header[..4].copy_from_slice(&(body.len() as u32).to_be_bytes());
    header[4..].copy_from_slice(&crc32c::crc32c(body).to_be_bytes());
    out
}

/// The map that a journal's file holds, and the bytes up to its torn tail. A crash tears only what was written
/// last, so a broken frame before a whole one is damage, and [`Error::Corrupt`].
pub(super) fn load(file: &dyn File, path: &Path) -> Result<(BTreeMap<Bytes, Bytes>, u64)> {
    let fault = |error: std::io::Error| Error::io(path, &error);
    let total = file.size().map_err(fault)?;
    let mut map = BTreeMap::new();
    let mut len = 0;
    while let Some(body) = read(file, len, total).map_err(fault)? {
        len += (HEADER_LEN + body.len()) as u64;
        replay(body, &mut map).ok_or_else(|| Error::corrupt(path, "a frame does not read as written"))?;
    }
    if len < total {
        let tail = file.read(len, (total - len) as usize).map_err(fault)?;
        if holds_frame(&tail) {
            let reason = format!(
                "the entry at byte {len} is broken and whole ones follow it; restore the file from a backup, or \
                 cut it to {len} bytes to give up all that follows"
            );
            return Err(Error::corrupt(path, reason));
        }
        tracing::warn!(path = %path.display(), lost = total - len, "cutting off a torn tail");
    }
    Ok((map, len))
}

/// Whether a whole frame begins anywhere in `tail`: the length of a broken one may be what is broken.
fn holds_frame(tail: &[u8]) -> bool {
    (1..tail.len()).any(|at| {
        let mut header = &tail[at..];
        let (Ok(len), Ok(sum)) = (header.try_get_u32(), header.try_get_u32()) else { return false };
        // The form is looked at first, as it gives away most of what is no frame within a few bytes.
        let body = header.get(..len as usize).filter(|body| !body.is_empty() && is_sound(body));
        body.is_some_and(|body| crc32c::crc32c(body) == sum)
    })
}

/// Whether a body has the form of changes.
fn is_sound(mut body: &[u8]) -> bool {
    let skip = |body: &mut &[u8]| {
        let len = body.try_get_u32().ok()? as usize;
        *body = body.get(len..)?;
        Some(())
    };
    while let Ok(kind) = body.try_get_u8() {
        let values = match kind {
            PUT => 2,
            DELETE => 1,
            _ => return false,
        };
        if (0..values).any(|_| skip(&mut body).is_none()) {
            return false;
        }
    }
    true
}

/// The body of the frame at `position`; `None` if it is not whole.
fn read(file: &dyn File, position: u64, total: u64) -> std::io::Result<Option<Bytes>> {
    let header = file.read(position, HEADER_LEN)?;
    let mut header = header.as_slice();
    let (Ok(len), Ok(sum)) = (header.try_get_u32(), header.try_get_u32()) else { return Ok(None) };
    // Nobody writes empty frames, but zeros would read as one.
    if len == 0 || position + HEADER_LEN as u64 + u64::from(len) > total {
        return Ok(None);
    }
    let body = file.read(position + HEADER_LEN as u64, len as usize)?;
    Ok((crc32c::crc32c(&body) == sum).then(|| body.into()))
}

fn replay(mut body: Bytes, map: &mut BTreeMap<Bytes, Bytes>) -> Option<()> {
    while body.has_remaining() {
        match body.get_u8() {
            PUT => {
                let key = take(&mut body)?;
                map.insert(key, take(&mut body)?);
            }
            DELETE => {
                map.remove(&take(&mut body)?);
            }
            _ => return None,
        }
    }
    Some(())
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.put_u32(bytes.len() as u32);
    out.put_slice(bytes);
}

/// A copy of its own, so that one live key does not keep a whole frame in memory.
fn take(body: &mut Bytes) -> Option<Bytes> {
    let len = body.try_get_u32().ok()? as usize;
    let bytes = (len <= body.remaining()).then(|| Bytes::copy_from_slice(&body[..len]))?;
    body.advance(len);
    Some(bytes)
}
