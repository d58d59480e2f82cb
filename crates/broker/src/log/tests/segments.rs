//! Segments: rolling, retention, deletion of records, and finding records by time.

use super::fixture::*;
use crate::{
    batch::Header,
    log::{Isolation::*, LogSettings, Offsets, Origin::*, Partition},
    records::{Compression, recompress},
    storage::Error,
};

const HOUR: i64 = 3_600_000;

/// Appends one record at a time, `count` of them, each 1 ms after the one before.
fn fill(partition: &Partition, count: i64) {
    for i in 0..count {
        let value = i.to_string();
        partition.append(plain(&[&value]).at(1_000_000 + i).bytes(), Client).unwrap();
    }
}

#[test]
fn segments_roll_by_size_and_reads_cross_them() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    fill(&partition, 100);
    assert!(fixture.files(".log").len() > 5);
    assert_eq!(read_all(&partition, 0, ReadUncommitted, 300).len(), 100);
    assert_eq!(read_all(&partition, 57, ReadUncommitted, 1_000_000).len(), 43);
}

#[test]
fn segments_roll_by_age() {
    let fixture = Fixture::new(LogSettings { segment_ms: HOUR, ..LogSettings::default() });
    let partition = fixture.open();
    fixture.at(0);
    fill(&partition, 1);
    fixture.at(HOUR - 1);
    fill(&partition, 1);
    assert_eq!(fixture.files(".log").len(), 1);
    fixture.at(HOUR);
    fill(&partition, 1);
    assert_eq!(fixture.files(".log").len(), 2);
    fixture.at(2 * HOUR);
    partition.enforce_retention().unwrap();
    assert_eq!(fixture.files(".log").len(), 3);
}

#[test]
fn whole_segments_leave_by_size() {
    let fixture = Fixture::new(LogSettings { retention_bytes: 2000, ..small(1000) });
    let partition = fixture.open();
    fill(&partition, 100);
    let before = partition.size();
    let removed = partition.enforce_retention().unwrap();
    assert!(removed > 0 && partition.size() < before && partition.size() >= 2000);
    let Offsets { start, end, .. } = partition.offsets();
    assert_eq!((end, read_all(&partition, start, ReadUncommitted, 500).len() as i64), (100, 100 - start));
    assert!(matches!(
        partition.read(start - 1, 1, ReadUncommitted, true),
        Err(Error::OffsetOutOfRange { .. })
    ));
    // Nothing comes back after a restart, neither records nor files.
    let names = fixture.files("");
    let again = fixture.open();
    assert_eq!(again.offsets(), Offsets { start, end, last_stable: end });
    assert_eq!(fixture.files("").len(), names.len());
}

#[test]
fn whole_segments_leave_by_age_even_the_last() {
    let fixture = Fixture::new(LogSettings { retention_ms: HOUR, ..small(1000) });
    let partition = fixture.open();
    fill(&partition, 20);
    fixture.at(1_000_019 + HOUR);
    partition.enforce_retention().unwrap();
    assert!(partition.offsets().start < 20 && partition.offsets().start > 0);
    fixture.at(1_000_020 + HOUR);
    partition.enforce_retention().unwrap();
    assert_eq!((partition.offsets().start, partition.size()), (20, 0));
    fill(&partition, 1);
    assert_eq!(values(&partition, ReadUncommitted), ["0"]);
}

#[test]
fn compacted_topics_are_kept() {
    let compact = LogSettings { retention_ms: 1, retention_bytes: 1, compact: true, ..small(1000) };
    let fixture = Fixture::new(compact);
    let partition = fixture.open();
    fill(&partition, 50);
    fixture.at(i64::MAX / 2);
    assert_eq!(partition.enforce_retention(), Ok(0));
    assert_eq!(values(&partition, ReadUncommitted).len(), 50);
}

#[test]
fn settings_take_effect_at_once() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    fill(&partition, 50);
    assert_eq!(partition.enforce_retention(), Ok(0));
    fixture.settings.store(LogSettings { retention_bytes: 0, ..small(1000) }.into());
    assert!(partition.enforce_retention().unwrap() > 0);
}

#[test]
fn records_are_deleted_up_to_any_offset() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    fill(&partition, 100);
    assert_eq!(partition.delete_records(37), Ok(37));
    assert_eq!(partition.delete_records(12), Ok(37));
    assert_eq!(values(&partition, ReadUncommitted).first().map(String::as_str), Some("37"));
    let outside = Error::OffsetOutOfRange { offset: 101, start: 37, end: 100 };
    assert_eq!(partition.delete_records(101), Err(outside));
    assert_eq!(fixture.open().offsets().start, 37);
    assert_eq!(partition.delete_records(-1), Ok(100));
    assert_eq!((partition.size(), partition.offsets().end), (0, 100));
    let again = fixture.open();
    assert_eq!(again.offsets(), Offsets { start: 100, end: 100, last_stable: 100 });
    fill(&again, 1);
    assert_eq!(again.offsets().end, 101);
}

#[test]
fn producers_outlive_the_segments_they_wrote_to() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    let batch = plain(&["a"]).by(9, 0, 0);
    partition.append(batch.bytes(), Client).unwrap();
    fill(&partition, 100);
    partition.delete_records(90).unwrap();
    let again = fixture.open();
    assert!(again.append(batch.bytes(), Client).unwrap().duplicate);
}

#[test]
fn idle_producers_are_forgotten() {
    let fixture = Fixture::new(LogSettings { producer_expiration_ms: HOUR, ..LogSettings::default() });
    let partition = fixture.open();
    partition.append(plain(&["a"]).by(1, 0, 0).bytes(), Client).unwrap();
    partition.append(plain(&["b"]).by(2, 0, 0).transactional().bytes(), Client).unwrap();
    fixture.at(1_000_001 + HOUR);
    partition.enforce_retention().unwrap();
    // The first may begin anywhere now; the second's transaction is open, so it is still known.
    partition.append(plain(&["c"]).by(1, 0, 77).bytes(), Client).unwrap();
    let gap = partition.append(plain(&["d"]).by(2, 0, 77).transactional().bytes(), Client);
    assert!(matches!(gap, Err(Error::OutOfOrderSequence { expected: 1, .. })));
}

#[test]
fn records_are_found_by_time() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    assert_eq!((partition.at_time(0), partition.max_timestamp()), (Ok(None), Ok(None)));
    for i in 0..200_i64 {
        let batch = plain(&["a", "b", "c"]).at(1_000 * i);
        partition.append(batch.bytes(), Client).unwrap();
    }
    assert_eq!(partition.at_time(-5), Ok(Some((0, 0))));
    for i in [0_i64, 1, 77, 199] {
        assert_eq!(partition.at_time(1_000 * i), Ok(Some((3 * i, 1_000 * i))));
        assert_eq!(partition.at_time(1_000 * i + 1), Ok(Some((3 * i + 1, 1_000 * i + 1))));
    }
    assert_eq!(partition.at_time(1_000 * 7 + 3), Ok(Some((24, 8_000))));
    assert_eq!(partition.at_time(199_003), Ok(None));
    assert_eq!(partition.max_timestamp(), Ok(Some((599, 199_002))));
    partition.delete_records(25).unwrap();
    assert_eq!(partition.at_time(0), Ok(Some((25, 8_001))));
    assert_eq!(fixture.open().at_time(150_000), Ok(Some((450, 150_000))));
}

#[test]
fn times_out_of_order_are_found_too() {
    let partition = Fixture::new(small(1000)).open();
    for time in [50, 90, 20, 70, 90] {
        partition.append(plain(&["a"]).at(time).bytes(), Client).unwrap();
    }
    assert_eq!(partition.at_time(60), Ok(Some((1, 90))));
    assert_eq!(partition.max_timestamp(), Ok(Some((1, 90))));
}

#[test]
fn a_search_by_time_never_skips_a_record_of_a_compressed_batch() {
    let partition = Fixture::new(LogSettings::default()).open();
    let batch = plain(&["a"; 100]).at(5_000).bytes().freeze();
    let packed = recompress(&Header::parse(&batch).unwrap(), &batch, Compression::Gzip).unwrap();
    partition.append(packed, Client).unwrap();
    let (offset, _) = partition.at_time(5_050).unwrap().unwrap();
    assert!(offset <= 50);
}
