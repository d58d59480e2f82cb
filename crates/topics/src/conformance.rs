//! What every implementation of [`crate::Topics`] must do.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use headwater_model::{CleanupPolicy, DeploymentId, ReplicaId, TopicConfig, TopicId, WorkspaceId};

use crate::{Definition, Error, IncomingRecord, Isolation, Position, Topics};

/// Runs every check against what `$fixture` makes: something that derefs to an implementation without topics.
macro_rules! conforms {
    ($fixture:path) => {
        $crate::conformance::conforms!($fixture:
            topics_are_made_described_and_removed,
            names_are_taken_once,
            unknown_topics_are_said_to_be_unknown,
            wrong_configurations_change_nothing,
            updates_grow_and_set,
            partitions_never_become_fewer,
            records_come_back_as_they_went,
            keys_keep_their_partition,
            records_are_in_order_over_many_batches,
            a_partition_may_be_chosen,
            readers_may_begin_anywhere_that_is_kept,
            a_reader_is_woken_by_the_append,
            a_reader_waits_no_longer_than_told,
            a_little_is_read_when_little_is_asked,
            cleaning_keeps_the_topic,
            times_are_found,
            traffic_is_counted,
            unknown_groups_are_said_to_be_unknown,
            a_group_is_behind_by_what_it_has_not_read,
            a_group_goes_with_its_positions,
            contents_are_told,
            who_has_never_fetched_has_not_consumed,
        );
    };
    ($fixture:path: $($check:ident,)*) => {
        $(#[tokio::test]
        async fn $check() {
            let fixture = $fixture().await;
            $crate::conformance::$check(&*fixture).await;
        })*
    };
}
pub(crate) use conforms;

const SOON: Duration = Duration::from_secs(20);

fn workspace() -> WorkspaceId {
    "acme-demo-test".parse().unwrap()
}

fn id(name: &str) -> TopicId {
    workspace().topic(name).unwrap()
}

async fn topic(topics: &dyn Topics, name: &str, partitions: i32) -> TopicId {
    let config = TopicConfig { partitions, ..TopicConfig::default() };
    topics.create(&Definition { id: id(name), owner: workspace(), config }).await.unwrap();
    id(name)
}

fn value(text: &str) -> IncomingRecord {
    IncomingRecord { value: Some(Bytes::copy_from_slice(text.as_bytes())), ..Default::default() }
}

fn start(partition: i32) -> Position {
    Position { partition, offset: 0 }
}

/// All records of a partition, in as many reads as it takes.
async fn all(topics: &dyn Topics, id: &TopicId, partition: i32) -> Vec<crate::Record> {
    let end = topics.watermarks(id).await.unwrap()[partition as usize].end;
    let mut from =
        Position { partition, offset: topics.watermarks(id).await.unwrap()[partition as usize].start };
    let mut records = Vec::new();
    while from.offset < end {
        let (more, next) = topics.fetch(id, from, 10_000, SOON, Isolation::ReadCommitted).await.unwrap();
        assert!(next > from.offset, "a read that gets nowhere");
        records.extend(more);
        from.offset = next;
    }
    records
}

pub(crate) async fn topics_are_made_described_and_removed(topics: &dyn Topics) {
    let config = TopicConfig {
        partitions: 3,
        retention_in_minutes: 60,
        retention_in_bytes: -1,
        cleanup_policy: CleanupPolicy::DeleteAndCompact,
        ..TopicConfig::default()
    };
    let definition = Definition { id: id("a"), owner: workspace(), config: config.clone() };
    topics.create(&definition).await.unwrap();
    let described = topics.describe(&id("a")).await.unwrap();
    assert_eq!((described.config, described.owner), (config, Some(workspace())));
    assert_eq!(topics.list().await.unwrap().iter().map(|t| t.id.clone()).collect::<Vec<_>>(), [id("a")]);
    let marks = topics.watermarks(&id("a")).await.unwrap();
    assert!(marks.len() == 3 && marks.iter().all(|mark| mark.last_stable == mark.end), "{marks:?}");
    topics.delete(&id("a")).await.unwrap();
    assert!(topics.list().await.unwrap().is_empty());
    // Made anew it is empty.
    let id = topic(topics, "a", 1).await;
    assert_eq!(topics.watermarks(&id).await.unwrap()[0].end, 0);
}

pub(crate) async fn names_are_taken_once(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    let again = Definition { id, owner: workspace(), config: TopicConfig::default() };
    assert!(matches!(topics.create(&again).await, Err(Error::Exists(_))));
}

pub(crate) async fn unknown_topics_are_said_to_be_unknown(topics: &dyn Topics) {
    let unknown = |error: Error| assert!(matches!(error, Error::UnknownTopic(_)), "{error}");
    let none = id("none");
    unknown(topics.describe(&none).await.unwrap_err());
    unknown(topics.delete(&none).await.unwrap_err());
    unknown(topics.clean(&none).await.unwrap_err());
    unknown(topics.watermarks(&none).await.unwrap_err());
    unknown(topics.offsets_at(&none, 0).await.unwrap_err());
    unknown(topics.update(&none, &TopicConfig::default()).await.unwrap_err());
    unknown(topics.produce(&none, vec![value("x")]).await.unwrap_err());
    unknown(topics.fetch(&none, start(0), 1, Duration::ZERO, Isolation::ReadCommitted).await.unwrap_err());
    let one = topic(topics, "one", 1).await;
    unknown(topics.fetch(&one, start(1), 1, Duration::ZERO, Isolation::ReadCommitted).await.unwrap_err());
}

pub(crate) async fn wrong_configurations_change_nothing(topics: &dyn Topics) {
    let config = TopicConfig { partitions: 0, ..TopicConfig::default() };
    let definition = Definition { id: id("a"), owner: workspace(), config };
    assert!(matches!(topics.create(&definition).await, Err(Error::Invalid(_))));
    assert!(topics.list().await.unwrap().is_empty());
}

pub(crate) async fn updates_grow_and_set(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    topics.produce(&id, vec![value("kept")]).await.unwrap();
    let config = TopicConfig { partitions: 4, retention_in_minutes: 5, ..TopicConfig::default() };
    topics.update(&id, &config).await.unwrap();
    assert_eq!(topics.describe(&id).await.unwrap().config, config);
    assert_eq!(topics.watermarks(&id).await.unwrap().iter().map(|w| w.end).collect::<Vec<_>>(), [1, 0, 0, 0]);
}

pub(crate) async fn partitions_never_become_fewer(topics: &dyn Topics) {
    let id = topic(topics, "a", 2).await;
    let fewer = TopicConfig { partitions: 1, retention_in_minutes: 5, ..TopicConfig::default() };
    assert!(matches!(topics.update(&id, &fewer).await, Err(Error::Invalid(_))));
    let expected = TopicConfig { partitions: 2, ..TopicConfig::default() };
    assert_eq!(topics.describe(&id).await.unwrap().config, expected);
}

pub(crate) async fn records_come_back_as_they_went(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    let bytes = |text: &'static [u8]| Some(Bytes::from_static(text));
    let sent = vec![
        IncomingRecord {
            key: bytes(b"k\0\xff"),
            value: bytes(b""),
            headers: vec![("h".into(), bytes(b"1")), ("h".into(), None), (String::new(), bytes(b""))],
            timestamp_ms: Some(1_700_000_000_123),
            partition: None,
        },
        IncomingRecord { key: bytes(b""), timestamp_ms: Some(5), ..Default::default() },
    ];
    let positions = topics.produce(&id, sent.clone()).await.unwrap();
    assert_eq!(positions, [start(0), Position { partition: 0, offset: 1 }]);
    let read = all(topics, &id, 0).await;
    assert_eq!(read.len(), 2);
    for (sent, read) in sent.iter().zip(&read) {
        assert_eq!((&sent.key, &sent.value, &sent.headers), (&read.key, &read.value, &read.headers));
        assert_eq!(sent.timestamp_ms, Some(read.timestamp_ms));
    }
}

pub(crate) async fn keys_keep_their_partition(topics: &dyn Topics) {
    let id = topic(topics, "a", 5).await;
    let keyed = |i: usize| IncomingRecord { key: Some(format!("key-{}", i % 20).into()), ..value("v") };
    let mut homes: HashMap<usize, i32> = HashMap::new();
    for round in 0..3 {
        let positions = topics.produce(&id, (0..20).map(keyed).collect()).await.unwrap();
        for (i, position) in positions.iter().enumerate() {
            let home = *homes.entry(i).or_insert(position.partition);
            assert_eq!(home, position.partition, "key-{i} moved in round {round}");
        }
    }
    assert!(homes.values().collect::<std::collections::HashSet<_>>().len() > 1);
}

pub(crate) async fn records_are_in_order_over_many_batches(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    let mut expected = Vec::new();
    for call in 0..10 {
        let texts: Vec<_> = (0..500).map(|i| format!("{call}/{i}/{}", "x".repeat(i % 300))).collect();
        let positions = topics.produce(&id, texts.iter().map(|t| value(t)).collect()).await.unwrap();
        assert_eq!(
            positions.iter().map(|p| p.offset).collect::<Vec<_>>(),
            Vec::from_iter(call * 500..call * 500 + 500)
        );
        expected.extend(texts);
    }
    let read = all(topics, &id, 0).await;
    assert_eq!(read.iter().map(|r| r.offset).collect::<Vec<_>>(), Vec::from_iter(0..5000));
    assert!(read.iter().zip(&expected).all(|(r, e)| r.value.as_deref() == Some(e.as_bytes())));
}

pub(crate) async fn a_partition_may_be_chosen(topics: &dyn Topics) {
    let id = topic(topics, "a", 3).await;
    let chosen = |partition| IncomingRecord { partition: Some(partition), ..value("v") };
    let positions = topics.produce(&id, vec![chosen(2), chosen(0), chosen(2)]).await.unwrap();
    assert_eq!(positions, [start(2), start(0), Position { partition: 2, offset: 1 }]);
    assert!(matches!(topics.produce(&id, vec![chosen(0), chosen(3)]).await, Err(Error::Invalid(_))));
    assert_eq!(topics.watermarks(&id).await.unwrap().iter().map(|w| w.end).collect::<Vec<_>>(), [1, 0, 2]);
}

pub(crate) async fn readers_may_begin_anywhere_that_is_kept(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    topics.produce(&id, (0..10).map(|i| value(&i.to_string())).collect()).await.unwrap();
    let read = |offset| {
        topics.fetch(
            &id,
            Position { partition: 0, offset },
            1 << 20,
            Duration::ZERO,
            Isolation::ReadUncommitted,
        )
    };
    let (records, next) = read(7).await.unwrap();
    assert_eq!((records[0].offset, records.len(), next), (7, 3, 10));
    let (records, next) = read(10).await.unwrap();
    assert_eq!((records.len(), next), (0, 10));
    for outside in [-1, 11] {
        let error = read(outside).await.unwrap_err();
        assert!(matches!(error, Error::OffsetOutOfRange { start: 0, end: 10, .. }), "{error}");
    }
}

pub(crate) async fn a_reader_is_woken_by_the_append(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    let reading = topics.fetch(&id, start(0), 1 << 20, SOON, Isolation::ReadCommitted);
    let writing = async {
        tokio::task::yield_now().await;
        topics.produce(&id, vec![value("news")]).await.unwrap();
    };
    let (read, ()) = tokio::join!(reading, writing);
    assert_eq!(read.unwrap().0[0].value.as_deref(), Some(&b"news"[..]));
}

pub(crate) async fn a_reader_waits_no_longer_than_told(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    let wait = Duration::from_millis(20);
    let (records, next) = topics.fetch(&id, start(0), 1, wait, Isolation::ReadCommitted).await.unwrap();
    assert_eq!((records.len(), next), (0, 0));
}

pub(crate) async fn a_little_is_read_when_little_is_asked(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    for _ in 0..10 {
        topics.produce(&id, vec![value(&"x".repeat(1000))]).await.unwrap();
    }
    let read = |most| topics.fetch(&id, start(0), most, Duration::ZERO, Isolation::ReadCommitted);
    assert_eq!(read(1).await.unwrap().0.len(), 1);
    let few = read(3_500).await.unwrap().0.len();
    assert!((1..=4).contains(&few), "{few}");
}

pub(crate) async fn cleaning_keeps_the_topic(topics: &dyn Topics) {
    let id = topic(topics, "a", 2).await;
    topics.produce(&id, vec![IncomingRecord { partition: Some(1), ..value("old") }]).await.unwrap();
    topics.clean(&id).await.unwrap();
    let watermarks = topics.watermarks(&id).await.unwrap();
    assert!(watermarks.iter().all(|w| w.start == w.end), "{watermarks:?}");
    let positions =
        topics.produce(&id, vec![IncomingRecord { partition: Some(1), ..value("new") }]).await.unwrap();
    assert_eq!(positions, [Position { partition: 1, offset: 1 }]);
    assert_eq!(all(topics, &id, 1).await.len(), 1);
}

pub(crate) async fn times_are_found(topics: &dyn Topics) {
    let id = topic(topics, "a", 2).await;
    let at = |ms| IncomingRecord { timestamp_ms: Some(ms), partition: Some(0), ..value("v") };
    topics.produce(&id, vec![at(1000), at(2000), at(3000)]).await.unwrap();
    topics.produce(&id, vec![at(4000)]).await.unwrap();
    for (time, expected) in [(0, 0), (1000, 0), (1001, 1), (2500, 2), (3001, 3), (4001, 4)] {
        assert_eq!(topics.offsets_at(&id, time).await.unwrap(), [expected, 0], "at {time}");
    }
}

pub(crate) async fn traffic_is_counted(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    topics.produce(&id, vec![value(&"x".repeat(1000)); 3]).await.unwrap();
    all(topics, &id, 0).await;
    let traffic = topics.traffic().await.unwrap()[&id];
    assert_eq!((traffic.records_in, traffic.records_out), (3, 3));
    assert!(traffic.bytes_in > 3000 && traffic.bytes_out >= traffic.bytes_in, "{traffic:?}");
}

pub(crate) async fn unknown_groups_are_said_to_be_unknown(topics: &dyn Topics) {
    assert!(topics.groups().await.unwrap().is_empty());
    let unknown = |error: Error| assert!(matches!(error, Error::UnknownGroup(_)), "{error}");
    unknown(topics.group("nobody").await.unwrap_err());
    unknown(topics.delete_group("nobody").await.unwrap_err());
    let none = topics.move_group("nobody", &[(id("none"), start(0))]).await.unwrap_err();
    assert!(matches!(none, Error::UnknownTopic(_)), "{none}");
}

pub(crate) async fn a_group_is_behind_by_what_it_has_not_read(topics: &dyn Topics) {
    let id = topic(topics, "a", 2).await;
    let chosen = |partition| IncomingRecord { partition: Some(partition), ..value("v") };
    topics.produce(&id, vec![chosen(0), chosen(0), chosen(0), chosen(1)]).await.unwrap();
    let at = |partition, offset| (id.clone(), Position { partition, offset });
    topics.move_group("g", &[at(0, 1)]).await.unwrap();
    let group = topics.group("g").await.unwrap();
    assert_eq!((group.state.as_str(), group.members.len(), group.deployments.len()), ("Empty", 0, 0));
    let only = &group.partitions[0];
    assert_eq!((only.partition, only.committed, only.end, only.lag), (0, Some(1), 3, Some(2)));
    topics.move_group("g", &[at(1, 0)]).await.unwrap();
    assert_eq!(topics.group("g").await.unwrap().lag(None), 3);
    topics.produce(&id, vec![chosen(1)]).await.unwrap();
    let all = topics.groups().await.unwrap();
    assert_eq!((all.len(), all[0].name.as_str(), all[0].lag(Some(&id))), (1, "g", 4));
    // What is no longer there is not waited for.
    topics.clean(&id).await.unwrap();
    assert_eq!(topics.group("g").await.unwrap().lag(None), 0);
    // Nor is anybody behind who stands beyond the end.
    topics.move_group("g", &[at(0, 100)]).await.unwrap();
    assert_eq!(topics.group("g").await.unwrap().lag(None), 0);
}

pub(crate) async fn a_group_goes_with_its_positions(topics: &dyn Topics) {
    let (one, other) = (topic(topics, "a", 1).await, topic(topics, "b", 1).await);
    topics.move_group("g", &[(one.clone(), start(0)), (other.clone(), start(0))]).await.unwrap();
    topics.delete(&one).await.unwrap();
    assert_eq!(topics.group("g").await.unwrap().topics().into_iter().collect::<Vec<_>>(), [&other]);
    topics.delete_group("g").await.unwrap();
    assert!(topics.groups().await.unwrap().is_empty());
}

pub(crate) async fn contents_are_told(topics: &dyn Topics) {
    let id = topic(topics, "a", 2).await;
    let contents = async || topics.contents().await.unwrap()[&id];
    assert_eq!(contents().await, crate::Content::default());
    let at = |ms, partition| IncomingRecord {
        timestamp_ms: Some(ms),
        partition: Some(partition),
        ..value(&"x".repeat(1000))
    };
    // Times of today, or retention might take them.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    topics.produce(&id, vec![at(now - 10, 0), at(now, 1), at(now - 20, 1)]).await.unwrap();
    let full = contents().await;
    assert_eq!((full.records, full.latest_ms), (3, Some(now)));
    assert!(full.bytes > 3000, "{full:?}");
    topics.clean(&id).await.unwrap();
    assert_eq!((contents().await.records, contents().await.latest_ms), (0, None));
}

pub(crate) async fn who_has_never_fetched_has_not_consumed(topics: &dyn Topics) {
    let id = topic(topics, "a", 1).await;
    topics.produce(&id, vec![value("v")]).await.unwrap();
    all(topics, &id, 0).await;
    let replica = ReplicaId { deployment: DeploymentId::new(), version: 1, index: 0 };
    assert!(!topics.consumed(&replica, &[id], 0).await.unwrap());
}
