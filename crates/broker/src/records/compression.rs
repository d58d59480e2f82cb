//! The compressions of record batches, with a bound on what they unpack to.

use std::io::{self, Read, Write};

use bytes::Bytes;

/// How the records of a batch are compressed; numbered as in a batch's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None = 0,
    /// gzip.
    Gzip = 1,
    /// Snappy, in the frames of snappy-java.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// Zstandard.
    Zstd = 4,
}

/// How frames of snappy-java begin; version 1, compatible with 1, follow.
const SNAPPY_MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
const SNAPPY_BLOCK: usize = 32 * 1024;

impl Compression {
    /// The compression of a number.
    pub fn from_number(number: i16) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd]
            .into_iter()
            .find(|c| *c as i16 == number)
    }

    /// The compression that `compression.type` names; none for `producer`, which keeps what comes.
    pub fn from_setting(value: &str) -> Option<Self> {
        Some(match value {
            "uncompressed" | "none" => Self::None,
            "gzip" => Self::Gzip,
            "snappy" => Self::Snappy,
            "lz4" => Self::Lz4,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Packs data.
    pub(super) fn pack(self, data: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(data.to_vec()),
            Self::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                out.write_all(data)?;
                out.finish()
            }
            Self::Snappy => pack_snappy(data),
            Self::Lz4 => {
                let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
                out.write_all(data)?;
                out.finish().map_err(io::Error::other)
            }
            Self::Zstd => zstd::bulk::compress(data, zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }

    /// Unpacks data that has at most `most` bytes then.
    pub(super) fn unpack(self, data: &Bytes, most: usize) -> io::Result<Bytes> {
        match self {
            Self::None => Ok(data.clone()),
            Self::Gzip => read(flate2::read::MultiGzDecoder::new(&data[..]), most),
            Self::Snappy => unpack_snappy(data, most),
            Self::Lz4 => read(lz4_flex::frame::FrameDecoder::new(&data[..]), most),
            Self::Zstd => read(zstd::stream::read::Decoder::with_buffer(&data[..])?, most),
        }
    }
}

fn too_large(most: usize) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the batch unpacks to more than {most} bytes"))
}

fn read(reader: impl Read, most: usize) -> io::Result<Bytes> {
    let mut out = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut out)?;
    if out.len() > most { Err(too_large(most)) } else { Ok(out.into()) }
}

fn pack_snappy(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = SNAPPY_MAGIC.to_vec();
    out.extend([0, 0, 0, 1, 0, 0, 0, 1]);
    for block in data.chunks(SNAPPY_BLOCK) {
        let packed = snap::raw::Encoder::new().compress_vec(block).map_err(io::Error::other)?;
        out.extend((packed.len() as u32).to_be_bytes());
        out.extend(packed);
    }
    Ok(out)
}

/// Some clients frame their data, and some send one bare block.
fn unpack_snappy(data: &[u8], most: usize) -> io::Result<Bytes> {
    let mut out = Vec::new();
    let mut block = |packed: &[u8]| {
        let size = snap::raw::decompress_len(packed).map_err(io::Error::other)?;
        if out.len() + size > most {
            return Err(too_large(most));
        }
        out.extend(snap::raw::Decoder::new().decompress_vec(packed).map_err(io::Error::other)?);
        Ok(())
    };
    match data.strip_prefix(SNAPPY_MAGIC) {
        None => block(data)?,
        Some(framed) => {
            let mut rest = framed.get(8..).unwrap_or_default();
            while let Some((len, after)) = rest.split_first_chunk::<4>() {
                let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "a block is cut off");
                let (packed, next) =
                    after.split_at_checked(u32::from_be_bytes(*len) as usize).ok_or_else(cut)?;
                block(packed)?;
                rest = next;
            }
        }
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    #[test]
    fn what_is_packed_is_unpacked() {
        let data = Bytes::from("headwater ".repeat(20_000));
        for compression in ALL {
            let packed = Bytes::from(compression.pack(&data).unwrap());
            assert_eq!(compression.unpack(&packed, data.len()).unwrap(), data, "{compression:?}");
            assert!(compression == Compression::None || packed.len() < data.len() / 10);
        }
    }

    #[test]
    fn bombs_and_rubbish_are_refused() {
        let data = vec![0; 1 << 20];
        for compression in &ALL[1..] {
            let packed = Bytes::from(compression.pack(&data).unwrap());
            assert!(compression.unpack(&packed, data.len() - 1).is_err(), "{compression:?}");
            assert!(compression.unpack(&Bytes::from_static(b"rubbish"), 100).is_err(), "{compression:?}");
        }
    }
}
