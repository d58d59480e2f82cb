//! Decoding of requests that nobody vouches for.
//!
//! `kafka-protocol` reserves memory for an array before it has read it, so a frame of a few bytes could ask for
//! gigabytes. [`Guarded`] reads the same bytes and makes every length that exceeds what is left fail first.

use std::ops::Range;

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::protocol::{Decodable, buf::ByteBuf};

/// A request that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

/// Decodes a body; arrays in it are never longer than it has bytes. Bytes that follow are let pass, as Kafka does:
/// librdkafka leaves some behind some of its requests.
pub(crate) fn body<T: Decodable>(bytes: &Bytes, version: i16) -> Result<T, Malformed> {
    let mut guarded = Guarded { bytes: bytes.clone(), varint: 0, shift: 0, capped: false };
    let mut message = T::decode(&mut guarded, version).map_err(|e| Malformed(e.to_string()))?;
    if guarded.capped {
        // Some plain number was larger than what was left, and was altered; all lengths are known to be right.
        message = T::decode(&mut bytes.clone(), version).map_err(|e| Malformed(e.to_string()))?;
    }
    Ok(message)
}

/// Bytes that answer a length greater than what is left with one that is sure to fail.
struct Guarded {
    bytes: Bytes,
    varint: u64,
    shift: u32,
    capped: bool,
}

impl Buf for Guarded {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }

    /// Lengths of arrays and bytes are such numbers, but so are time-outs, so one that is too large does not
    /// fail by itself: it becomes one more than could follow.
    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        let value = self.bytes.try_get_i32()?;
        let most = i32::try_from(self.bytes.remaining()).unwrap_or(i32::MAX - 1) + 1;
        self.capped |= value > most;
        Ok(value.min(most))
    }

    /// Bytes are read one by one only as booleans and as parts of variable-length numbers, which all are lengths,
    /// counts (plus one) and tags.
    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        let byte = self.bytes.try_get_u8()?;
        self.varint |= u64::from(byte & 0x7f) << self.shift;
        self.shift = if byte < 0x80 || self.shift >= 28 { 0 } else { self.shift + 7 };
        if self.shift == 0 {
            let value = std::mem::take(&mut self.varint);
            let available = self.bytes.remaining();
            if value > available as u64 + 1 {
                return Err(TryGetError { requested: value as usize, available });
            }
        }
        Ok(byte)
    }
}

impl ByteBuf for Guarded {
    fn peek_bytes(&mut self, range: Range<usize>) -> Bytes {
        self.bytes.slice(range)
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        self.bytes.split_to(size)
    }
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};
    use kafka_protocol::{
        messages::{FetchRequest, MetadataRequest, TopicName, fetch_request::FetchTopic},
        protocol::{Encodable, StrBytes},
    };
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn absurd_lengths_fail_without_memory() {
        for version in 0..=8 {
            let mut bytes = BytesMut::new();
            bytes.put_i32(i32::MAX);
            assert!(body::<MetadataRequest>(&bytes.freeze(), version).is_err());
        }
        let flexible = Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0]);
        assert!(body::<MetadataRequest>(&flexible, 12).is_err());
    }

    #[test]
    fn large_plain_numbers_arrive_unchanged() {
        for version in 4..=12 {
            let topic = FetchTopic::default().with_topic(TopicName(StrBytes::from_static_str("t")));
            let request = FetchRequest::default().with_max_bytes(i32::MAX).with_topics(vec![topic]);
            let mut bytes = BytesMut::new();
            request.encode(&mut bytes, version).unwrap();
            assert_eq!(body::<FetchRequest>(&bytes.freeze(), version).unwrap(), request);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_understood(bytes: Vec<u8>, version in 0i16..13) {
            let bytes = Bytes::from(bytes);
            let _ = body::<MetadataRequest>(&bytes, version);
            let _ = body::<FetchRequest>(&bytes, version.max(4));
        }
    }
}
