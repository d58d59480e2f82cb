//! Appending, reading, idempotence.

use super::fixture::*;
use crate::{
    log::{Isolation::*, LogSettings, Offsets, Origin::*},
    storage::Error,
};

#[test]
fn what_is_appended_is_read() {
    let fixture = Fixture::new(LogSettings::default());
    let partition = fixture.open();
    let first = partition.append(plain(&["a", "b"]).bytes(), Client).unwrap();
    assert_eq!((first.base_offset, first.last_offset, first.append_time_ms), (0, 1, -1));
    let second = partition.append(plain(&["c"]).bytes(), Platform).unwrap();
    assert_eq!((second.base_offset, second.last_offset), (2, 2));
    assert_eq!(partition.offsets(), Offsets { start: 0, end: 3, last_stable: 3 });
    assert_eq!(values(&partition, ReadUncommitted), ["a", "b", "c"]);
    assert_eq!(read_all(&partition, 1, ReadUncommitted, 1).len(), 2);
}

#[test]
fn a_batch_is_stored_as_it_came_but_for_its_place() {
    let partition = Fixture::new(LogSettings::default()).open();
    let batch = plain(&["a"]).bytes();
    partition.append(batch.clone(), Client).unwrap();
    let read = partition.read(0, 1000, ReadUncommitted, true).unwrap().records;
    assert_eq!(read[16..], batch[16..]);
    assert_eq!(read[..8], 0_i64.to_be_bytes());
}

#[test]
fn reads_respect_bounds() {
    let partition = Fixture::new(LogSettings::default()).open();
    let size =
        partition.append(plain(&["a"; 10]).bytes(), Client).map(|_| partition.size()).unwrap() as usize;
    partition.append(plain(&["b"; 10]).bytes(), Client).unwrap();
    let len = |offset, max, at_least_one| {
        partition.read(offset, max, ReadUncommitted, at_least_one).map(|fetched| fetched.records.len())
    };
    assert_eq!(len(0, 10 * size, false), Ok(2 * size));
    assert_eq!(len(0, size, false), Ok(size));
    assert_eq!(len(0, 2 * size - 1, false), Ok(size));
    assert_eq!(len(0, size - 1, false), Ok(0));
    assert_eq!(len(0, 0, true), Ok(size));
    assert_eq!(len(13, 10 * size, true), Ok(size));
    assert_eq!(len(20, size, true), Ok(0));
    let outside = |offset| Err(Error::OffsetOutOfRange { offset, start: 0, end: 20 });
    assert_eq!(len(21, size, true), outside(21));
    assert_eq!(len(-1, size, true), outside(-1));
}

#[test]
fn what_is_available_is_told_without_reading() {
    let partition = Fixture::new(small(10_000)).open();
    assert_eq!(partition.available(0, ReadUncommitted), Ok(0));
    let value = "x".repeat(500);
    for _ in 0..100 {
        partition.append(plain(&[&value]).bytes(), Client).unwrap();
    }
    for offset in 0..100 {
        let mut exact = 0;
        let mut at = offset;
        while at < 100 {
            let read = partition.read(at, 1_000_000, ReadUncommitted, true).unwrap().records.len() as u64;
            at =
                decode(&partition.read(at, 1_000_000, ReadUncommitted, true).unwrap(), at, ReadUncommitted).1;
            exact += read;
        }
        let told = partition.available(offset, ReadUncommitted).unwrap();
        assert!(told >= exact && told < exact + 5_000, "{offset}: {told} for {exact}");
    }
    assert_eq!(partition.available(100, ReadUncommitted), Ok(0));
    assert!(partition.available(101, ReadUncommitted).is_err());
    // What an open transaction hides is not counted.
    partition.append(plain(&["a"]).by(1, 0, 0).transactional().bytes(), Client).unwrap();
    for _ in 0..50 {
        partition.append(plain(&[&value]).bytes(), Client).unwrap();
    }
    assert_eq!(partition.available(100, ReadCommitted), Ok(0));
    let told = partition.available(95, ReadCommitted).unwrap();
    assert!((1..12_000).contains(&told), "{told}");
    assert!(partition.available(95, ReadUncommitted).unwrap() > 25_000);
}

#[test]
fn large_batches_are_read_whole_and_too_large_ones_refused() {
    let partition = Fixture::new(LogSettings::default()).open();
    let large = "x".repeat(300_000);
    for _ in 0..3 {
        partition.append(plain(&[&large]).bytes(), Client).unwrap();
        partition.append(plain(&["small"]).bytes(), Client).unwrap();
    }
    assert_eq!(read_all(&partition, 0, ReadUncommitted, 1).len(), 6);
    let huge = plain(&[&"x".repeat(1_100_000)]).bytes();
    let size = huge.len();
    assert_eq!(partition.append(huge, Client), Err(Error::TooLarge { size, max: 1_048_588 }));
}

#[test]
fn refused_batches_leave_nothing() {
    let partition = Fixture::new(LogSettings::default()).open();
    let mut bad = plain(&["a"]).bytes();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    assert!(matches!(partition.append(bad, Client), Err(Error::CorruptMessage(_))));
    assert_eq!((partition.size(), partition.offsets().end), (0, 0));
}

#[test]
fn append_time_replaces_the_clients() {
    let fixture = Fixture::new(LogSettings { log_append_time: true, ..LogSettings::default() });
    let partition = fixture.open();
    fixture.at(5_000_000);
    let batch = plain(&["a", "b"]).by(1, 0, 0);
    assert_eq!(partition.append(batch.bytes(), Client).unwrap().append_time_ms, 5_000_000);
    fixture.at(6_000_000);
    let again = partition.append(batch.bytes(), Client).unwrap();
    assert_eq!((again.duplicate, again.append_time_ms), (true, 5_000_000));
    assert!(partition.at_time(5_000_000).unwrap() == Some((0, 5_000_000)));
    assert_eq!(partition.at_time(5_000_001).unwrap(), None);
}

#[test]
fn duplicates_are_answered_with_the_first_offset() {
    let partition = Fixture::new(LogSettings::default()).open();
    for i in 0..10 {
        let batch = plain(&["a", "b"]).by(7, 0, 2 * i).bytes();
        assert_eq!(partition.append(batch, Client).unwrap().base_offset, 2 * i64::from(i));
    }
    for i in 5..10 {
        let again = partition.append(plain(&["a", "b"]).by(7, 0, 2 * i).bytes(), Client).unwrap();
        assert_eq!((again.duplicate, again.base_offset), (true, 2 * i64::from(i)));
    }
    let forgotten = partition.append(plain(&["a", "b"]).by(7, 0, 8).bytes(), Client);
    let expected = Error::OutOfOrderSequence { producer_id: 7, sequence: 8, expected: 20 };
    assert_eq!(forgotten, Err(expected));
    assert_eq!(partition.offsets().end, 20);
}

#[test]
fn gaps_and_old_epochs_are_refused() {
    let partition = Fixture::new(LogSettings::default()).open();
    let send = |epoch, sequence| partition.append(plain(&["a"]).by(7, epoch, sequence).bytes(), Client);
    send(0, 0).unwrap();
    assert!(matches!(send(0, 2), Err(Error::OutOfOrderSequence { expected: 1, .. })));
    assert!(matches!(send(1, 1), Err(Error::OutOfOrderSequence { expected: 0, .. })));
    send(1, 0).unwrap();
    assert!(matches!(send(0, 1), Err(Error::InvalidProducerEpoch { current: 1, .. })));
    assert_eq!(partition.offsets().end, 2);
}

#[test]
fn sequences_begin_again_after_the_largest() {
    let partition = Fixture::new(LogSettings::default()).open();
    let send = |sequence| partition.append(plain(&["a", "b"]).by(7, 0, sequence).bytes(), Client);
    send(i32::MAX - 2).unwrap();
    send(i32::MAX).unwrap();
    send(1).unwrap();
    assert!(send(i32::MAX).unwrap().duplicate);
    assert_eq!(partition.offsets().end, 6);
}

#[test]
fn appends_wake_subscribers() {
    let partition = Fixture::new(LogSettings::default()).open();
    let mut offsets = partition.subscribe();
    assert!(!offsets.has_changed().unwrap());
    partition.append(plain(&["a"]).bytes(), Client).unwrap();
    assert!(offsets.has_changed().unwrap());
    assert_eq!(offsets.borrow_and_update().end, 1);
    partition.append(plain(&["a"]).by(1, 0, 0).transactional().bytes(), Client).unwrap();
    assert_eq!(offsets.borrow_and_update().last_stable, 1);
    partition.end_transaction(1, 0, true, 0).unwrap();
    assert_eq!(offsets.borrow_and_update().last_stable, 3);
}
