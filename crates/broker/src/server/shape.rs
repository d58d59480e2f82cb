//! How many partitions a Produce names. It is the one request that may be large, so this is found out before room
//! is made for any of them: a partition takes a few bytes on the wire and hundreds in memory.

use super::decode::Malformed;

/// Most topics and partitions of one request.
const ENTRIES_MAX: usize = 20_000;

/// Fails when the body of a Produce ends early or names too many partitions.
pub(super) fn check_produce(body: &[u8], version: i16) -> Result<(), Malformed> {
    let mut body = Body { rest: body, flexible: version >= 9, entries: 0 };
    body.walk(version).ok_or_else(|| {
        Malformed(match body.entries > ENTRIES_MAX {
            true => format!("Produce names more than {ENTRIES_MAX} topics and partitions"),
            false => "Produce ends early".into(),
        })
    })
}

struct Body<'a> {
    rest: &'a [u8],
    /// Lengths are of variable length themselves, and tagged fields follow.
    flexible: bool,
    entries: usize,
}

impl Body<'_> {
    fn walk(&mut self, version: i16) -> Option<()> {
        if version >= 3 {
            self.text()?;
        }
        // Acknowledgements and time-out.
        self.skip(2 + 4)?;
        for _ in 0..self.length()? {
            self.entry()?;
            self.text()?;
            for _ in 0..self.length()? {
                self.entry()?;
                self.skip(4)?;
                let records = self.length()?;
                self.skip(records)?;
                self.tags()?;
            }
            self.tags()?;
        }
        Some(())
    }

    fn entry(&mut self) -> Option<()> {
        self.entries += 1;
        (self.entries <= ENTRIES_MAX).then_some(())
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// The length of an array or of bytes; none counts as 0.
    fn length(&mut self) -> Option<usize> {
        match self.flexible {
            true => Some(self.varint()?.saturating_sub(1)),
            false => Some(usize::try_from(i32::from_be_bytes(self.take()?)).unwrap_or(0)),
        }
    }

    fn text(&mut self) -> Option<()> {
        let length = match self.flexible {
            true => self.length()?,
            false => usize::try_from(i16::from_be_bytes(self.take()?)).unwrap_or(0),
        };
        self.skip(length)
    }

    fn tags(&mut self) -> Option<()> {
        if self.flexible {
            for _ in 0..self.varint()? {
                self.entry()?;
                self.varint()?;
                let length = self.varint()?;
                self.skip(length)?;
            }
        }
        Some(())
    }

    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = self.take()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};
    use kafka_protocol::{
        messages::{
            ProduceRequest, TopicName,
            produce_request::{PartitionProduceData, TopicProduceData},
        },
        protocol::{Encodable, StrBytes},
    };

    use super::*;

    fn request(partitions: usize, version: i16) -> Bytes {
        let data = PartitionProduceData::default().with_records(Some(Bytes::from_static(b"records")));
        let topic = TopicProduceData::default()
            .with_name(TopicName(StrBytes::from_static_str("t")))
            .with_partition_data(vec![data; partitions]);
        let request = ProduceRequest::default().with_acks(-1).with_topic_data(vec![topic]);
        let mut bytes = BytesMut::new();
        request.encode(&mut bytes, version).unwrap();
        bytes.freeze()
    }

    #[test]
    fn every_version_is_walked_to_its_end_and_every_cut_is_found() {
        for version in 3..=11 {
            let body = request(3, version);
            assert!(check_produce(&body, version).is_ok(), "{version}");
            // The last byte of a flexible version counts the tagged fields of the request, which are not looked at.
            let end = body.len() - usize::from(version >= 9);
            assert!((0..end).all(|len| check_produce(&body[..len], version).is_err()), "{version}");
        }
    }

    #[test]
    fn too_many_partitions_are_refused() {
        for version in [3, 11] {
            let refused = check_produce(&request(ENTRIES_MAX, version), version).unwrap_err();
            assert!(refused.0.contains("more than"), "{refused}");
        }
    }
}
