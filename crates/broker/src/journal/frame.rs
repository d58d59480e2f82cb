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

/// The map that a journal's file holds, and the bytes up to its first torn frame.
pub(super) fn load(file: &dyn File, path: &Path) -> Result<(BTreeMap<Bytes, Bytes>, u64)> {
    let total = file.size().map_err(|error| Error::io(path, &error))?;
    let mut map = BTreeMap::new();
    let mut len = 0;
    while let Some(body) = read(file, len, total).map_err(|error| Error::io(path, &error))? {
        len += (HEADER_LEN + body.len()) as u64;
        replay(body, &mut map).ok_or_else(|| Error::corrupt(path, "a frame does not read as written"))?;
    }
    if len < total {
        tracing::warn!(path = %path.display(), lost = total - len, "cutting off a torn tail");
    }
    Ok((map, len))
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
