//! Record batches of version 2, as they go over the wire and lie on the disk.
//!
//! A stored batch is the batch received: only its base offset and leader epoch are written over, which the
//! checksum does not cover. Layout: <https://kafka.apache.org/documentation/#recordbatch>.

mod control;
mod records;
mod validate;

pub(crate) use control::coordinator_epoch;
pub use control::{control, is_abort};
pub(crate) use records::varint;
pub use records::{Moment, Records};
pub(crate) use validate::parse;
pub use validate::{check_sum, validate};

/// Bytes of a batch before its records.
pub const HEADER_LEN: usize = 61;

/// Bytes of a batch that its length field does not count.
const UNCOUNTED: usize = 12;
/// Where the bytes begin that the checksum covers.
const SUMMED: usize = 21;

const COMPRESSION: i16 = 0b111;
const APPEND_TIME: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;

/// The header of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes of the whole batch, header included.
    pub size: usize,
    /// CRC-32C of what follows the checksum.
    pub crc: u32,
    /// Flags: compression, timestamp type, transactional, control.
    pub attributes: i16,
    /// Offset of the last record, less the first's.
    pub last_offset_delta: i32,
    /// Timestamp of the first record.
    pub base_timestamp: i64,
    /// Largest timestamp.
    pub max_timestamp: i64,
    /// The producer, or −1.
    pub producer_id: i64,
    /// The producer's epoch, or −1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or −1.
    pub base_sequence: i32,
    /// Number of records.
    pub count: i32,
}

/// Why bytes are not the beginning of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// There are fewer bytes than a header has.
    Short,
    /// The length is impossible.
    Length,
    /// The version is not 2.
    Version(i8),
}

impl Header {
    /// Reads the header at the beginning of `data`; the records need not follow.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let data: &[u8; HEADER_LEN] = data.first_chunk().ok_or(Malformed::Short)?;
        let magic = data[16] as i8;
        if magic != 2 {
            return Err(Malformed::Version(magic));
        }
        let size =
            usize::try_from(i32::from_be_bytes(at(data, 8))).map_err(|_| Malformed::Length)? + UNCOUNTED;
        if size < HEADER_LEN {
            return Err(Malformed::Length);
        }
        Ok(Self {
            base_offset: i64::from_be_bytes(at(data, 0)),
            size,
            crc: u32::from_be_bytes(at(data, 17)),
            attributes: i16::from_be_bytes(at(data, 21)),
            last_offset_delta: i32::from_be_bytes(at(data, 23)),
            base_timestamp: i64::from_be_bytes(at(data, 27)),
            max_timestamp: i64::from_be_bytes(at(data, 35)),
            producer_id: i64::from_be_bytes(at(data, 43)),
            producer_epoch: i16::from_be_bytes(at(data, 51)),
            base_sequence: i32::from_be_bytes(at(data, 53)),
            count: i32::from_be_bytes(at(data, 57)),
        })
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// Offset after the last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset() + 1
    }

    /// Sequence number of the last record; they begin again at 0 after the largest.
    pub fn last_sequence(&self) -> i32 {
        add_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// Kafka's number of the compression; 0 is none.
    pub fn compression(&self) -> i16 {
        self.attributes & COMPRESSION
    }

    /// Whether the timestamps are the broker's: all records have [`max_timestamp`](Self::max_timestamp).
    pub fn is_append_time(&self) -> bool {
        self.attributes & APPEND_TIME != 0
    }

    /// Whether the batch belongs to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch is a transaction's marker, which no reader gets to see.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Whether a producer with an id has written the batch.
    pub fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }
}

/// The sequence number `delta` after `sequence`; 0 follows the largest.
pub(crate) fn add_sequence(sequence: i32, delta: i32) -> i32 {
    ((i64::from(sequence) + i64::from(delta)) % (1 << 31)) as i32
}

/// Writes the base offset and leader epoch of a validated batch; its checksum stays right.
pub fn place(batch: &mut [u8], base_offset: i64, leader_epoch: i32) {
    batch[0..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..16].copy_from_slice(&leader_epoch.to_be_bytes());
}

/// Stamps all records of a validated batch with the broker's time, and renews the checksum.
pub fn stamp(batch: &mut [u8], now_ms: i64) {
    let attributes = i16::from_be_bytes([batch[21], batch[22]]) | APPEND_TIME;
    batch[21..23].copy_from_slice(&attributes.to_be_bytes());
    batch[35..43].copy_from_slice(&now_ms.to_be_bytes());
    seal(batch);
}

fn seal(batch: &mut [u8]) {
    let crc = crc32c::crc32c(&batch[SUMMED..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
}

fn at<const N: usize>(data: &[u8; HEADER_LEN], offset: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&data[offset..offset + N]);
    out
}
