//! The partition of a key, as Kafka's own clients choose it.

/// The partition for a key among `count`: records of one key stay in order, whoever writes them.
pub(crate) fn partition(key: &[u8], count: i32) -> i32 {
    (murmur2(key) & 0x7fff_ffff) as i32 % count.max(1)
}

/// Murmur 2 with 32 bits and Kafka's seed.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ data.len() as u32;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    for (i, byte) in rest.iter().enumerate() {
        hash ^= u32::from(*byte) << (8 * i);
    }
    if !rest.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of Kafka's own test of the function.
    #[test]
    fn hashes_are_kafkas() {
        let hash = |text: &str| murmur2(text.as_bytes()) as i32;
        assert_eq!(hash("21"), -973932308);
        assert_eq!(hash("foobar"), -790332482);
        assert_eq!(hash("a-little-bit-long-string"), -985981536);
        assert_eq!(hash("a-little-bit-longer-string"), -1486304829);
        assert_eq!(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
        assert_eq!(hash("abc"), 479470107);
    }

    #[test]
    fn partitions_are_in_range() {
        for i in 0..1000_u32 {
            assert!((0..7).contains(&partition(&i.to_be_bytes(), 7)));
        }
    }
}
