//! Keys of the coordinators' state in the journal: a kind and its parts, each ended by a zero byte, so that one
//! name is never the beginning of another's.

use bytes::{BufMut, Bytes, BytesMut};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The cluster's own facts.
    Cluster = b'c' as isize,
    /// A topic: name.
    Topic = b't' as isize,
    /// A topic that is deleted, while its folder may remain: id.
    DoomedTopic = b'd' as isize,
    /// A group's members: group.
    Group = b'g' as isize,
    /// A position: group, topic, partition.
    Offset = b'o' as isize,
    /// A position in an open transaction: group, producer, topic, partition.
    PendingOffset = b'p' as isize,
    /// A transactional id: id.
    Transaction = b'x' as isize,
}

/// A key under construction.
pub(crate) struct Key(BytesMut);

impl Key {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(BytesMut::from(&[kind as u8][..]))
    }

    /// Adds a name, which may not have a zero byte (see [`is_storable`]).
    pub(crate) fn name(mut self, name: &str) -> Self {
        self.0.put_slice(name.as_bytes());
        self.0.put_u8(0);
        self
    }

    /// Adds a number; numbers sort as they count.
    pub(crate) fn number(mut self, number: i64) -> Self {
        self.0.put_i64(number);
        self
    }

    pub(crate) fn build(self) -> Bytes {
        self.0.freeze()
    }
}

/// Reads a key's parts back.
pub(crate) struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    /// The parts after the kind.
    pub(crate) fn of(key: &'a [u8]) -> Self {
        Self(key.get(1..).unwrap_or_default())
    }

    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let (name, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        std::str::from_utf8(name).ok()
    }

    pub(crate) fn number(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(i64::from_be_bytes(*number))
    }
}

/// Whether a client's name can be part of a key.
pub(crate) fn is_storable(name: &str) -> bool {
    !name.is_empty() && name.len() <= 1024 && !name.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        let key = Key::new(Kind::PendingOffset).name("g").number(-7).name("t").number(3).build();
        let mut parts = Parts::of(&key);
        assert_eq!(parts.name(), Some("g"));
        assert_eq!(parts.number(), Some(-7));
        assert_eq!(parts.name(), Some("t"));
        assert_eq!(parts.number(), Some(3));
        assert_eq!(parts.number(), None);
    }
}
