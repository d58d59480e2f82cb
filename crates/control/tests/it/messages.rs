//! Records as people read them.

use bytes::Bytes;
use headwater_control::{Content, Feed, FeedFrom, Message, MessageBatch, MessagesFrom, MessagesWish};
use headwater_topics::{IncomingRecord, Topics};

use crate::stage::{Stage, next};

/// Records whose values are the numbers, padded to about `size` bytes.
async fn write(stage: &Stage, numbers: std::ops::Range<i64>, size: usize) {
    let record = |number: i64| IncomingRecord {
        value: Some(Bytes::from(format!("{number} {}", "x".repeat(size)))),
        timestamp_ms: Some(1_700_000_000_000 + number),
        partition: Some(0),
        ..IncomingRecord::default()
    };
    let id = stage.ws.topic("cars").unwrap();
    stage.kafka.produce(&id, numbers.map(record).collect()).await.unwrap();
}

fn at(cursor: &str) -> MessagesWish {
    MessagesWish { cursor: Some(cursor.into()), ..MessagesWish::default() }
}

fn numbers(messages: &[Message]) -> Vec<i64> {
    let number = |message: &Message| match &message.value {
        Some(Content::Text(text)) => text.split(' ').next().unwrap().parse().unwrap(),
        other => panic!("{other:?}"),
    };
    messages.iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_bounded_in_bytes() {
    let stage = Stage::new().await;
    stage.topic("cars", 2).await;
    for number in 0..20 {
        write(&stage, number..number + 1, 900_000).await;
    }
    let read = async |from, limit| {
        let messages = stage.control.topics.messages(&stage.admin, &stage.ws, "cars", from, limit).await;
        numbers(&messages.unwrap())
    };
    assert_eq!(read(MessagesFrom::Newest, 1000).await, (11..20).collect::<Vec<_>>());
    assert_eq!(read(MessagesFrom::Oldest, 1000).await, (0..9).collect::<Vec<_>>());
    assert_eq!(read(MessagesFrom::Newest, 2).await, [18, 19]);
    assert_eq!(read(MessagesFrom::Offset { partition: 0, offset: 5 }, 2).await, [5, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_are_those_that_are_decided() {
    let stage = Stage::new().await;
    stage.topic("cars", 1).await;
    write(&stage, 0..3000, 1).await;
    for held in [0, 1, 1000, 2999] {
        stage.kafka.hold(Some(held));
        let newest = MessagesFrom::Newest;
        let found = stage.control.topics.messages(&stage.admin, &stage.ws, "cars", newest, 5).await.unwrap();
        assert_eq!(numbers(&found), ((held - 5).max(0)..held).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_waits_for_what_a_transaction_holds_back() {
    let stage = Stage::new().await;
    stage.topic("cars", 1).await;
    write(&stage, 0..40, 1).await;
    // The transaction is longer than what is shown first.
    stage.kafka.hold(Some(10));
    let mut feed =
        stage.control.live.messages(&stage.admin, &stage.ws, "cars", MessagesWish::default()).await.unwrap();
    let (_, first) = next(&mut feed).await;
    assert_eq!(numbers(&first.records), (0..10).collect::<Vec<_>>());
    stage.kafka.hold(None);
    let mut seen = Vec::new();
    while seen.len() < 30 {
        let (_, batch) = next(&mut feed).await;
        assert_eq!(batch.skipped, 0);
        seen.extend(numbers(&batch.records));
    }
    assert_eq!(seen, (10..40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_does_not_jump_over_a_long_transaction() {
    let stage = Stage::new().await;
    stage.topic("cars", 1).await;
    write(&stage, 0..5000, 1).await;
    stage.kafka.hold(Some(10));
    let mut feed = stage.control.live.messages(&stage.admin, &stage.ws, "cars", at("0:5")).await.unwrap();
    let (cursor, batch) = next(&mut feed).await;
    assert_eq!((cursor.as_str(), batch.skipped), ("0:10", 0));
    assert_eq!(numbers(&batch.records), (5..10).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_cut_off_before_the_first_batch_gets_it_again() {
    let stage = Stage::new().await;
    stage.topic("cars", 2).await;
    write(&stage, 0..30, 1).await;
    let live = &stage.control.live;
    let opened =
        live.messages(&stage.admin, &stage.ws, "cars", MessagesWish::default()).await.unwrap().cursor;
    assert_eq!(opened, "0:10,1:0");
    let mut again = live.messages(&stage.admin, &stage.ws, "cars", at(&opened)).await.unwrap();
    let (cursor, batch) = next(&mut again).await;
    assert_eq!(numbers(&batch.records), (10..30).collect::<Vec<_>>());
    assert_eq!(cursor, "0:30,1:0");
}

/// The next so many records of a feed, the cursor after them, and how many were looked at.
async fn some(feed: &mut Feed<MessageBatch>, count: usize) -> (Vec<i64>, String, u64) {
    let (mut seen, mut scanned) = (Vec::new(), 0);
    loop {
        let (cursor, batch) = next(feed).await;
        assert_eq!(batch.skipped, 0);
        seen.extend(numbers(&batch.records));
        scanned += batch.scanned;
        if seen.len() >= count {
            return (seen, cursor, scanned);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_from_a_place_passes_nothing_over() {
    let stage = Stage::new().await;
    stage.topic("cars", 2).await;
    write(&stage, 0..3000, 1).await;
    let open = async |from, cursor| {
        let wish = MessagesWish { from: Some(from), cursor, filter: None };
        stage.control.live.messages(&stage.admin, &stage.ws, "cars", wish).await
    };
    let mut feed = open(FeedFrom::Earliest, None).await.unwrap();
    assert_eq!(feed.cursor, "0:0,1:0");
    let (seen, cursor, _) = some(&mut feed, 150).await;
    assert_eq!(seen, (0..seen.len() as i64).collect::<Vec<_>>());
    // Whoever is cut off goes on where they were.
    let mut feed = open(FeedFrom::Earliest, Some(cursor)).await.unwrap();
    assert_eq!(some(&mut feed, 1).await.0[0], seen.len() as i64);
    let time = jiff::Timestamp::from_millisecond(1_700_000_000_000 + 2990).unwrap();
    let mut feed = open(FeedFrom::Time(time), None).await.unwrap();
    assert_eq!(some(&mut feed, 10).await.0, (2990..3000).collect::<Vec<_>>());
    let mut feed = open(FeedFrom::Offsets([(0, 2998)].into()), None).await.unwrap();
    assert_eq!(some(&mut feed, 2).await.0, [2998, 2999]);
    let mut feed = open(FeedFrom::Latest, None).await.unwrap();
    write(&stage, 3000..3001, 1).await;
    assert_eq!(some(&mut feed, 1).await.0, [3000]);
    assert!(open(FeedFrom::Offsets([(2, 0)].into()), None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filtered_feed_shows_what_matches_and_says_how_far_it_looked() {
    let stage = Stage::new().await;
    stage.topic("cars", 1).await;
    write(&stage, 0..3000, 1).await;
    let wish = |from, filter: &str| MessagesWish { from, filter: Some(filter.into()), cursor: None };
    let live = &stage.control.live;
    let found = wish(Some(FeedFrom::Earliest), "77 X");
    let mut feed = live.messages(&stage.admin, &stage.ws, "cars", found).await.unwrap();
    let (seen, cursor, scanned) = some(&mut feed, 30).await;
    assert_eq!(seen, (0..30).map(|hundred| hundred * 100 + 77).collect::<Vec<_>>());
    assert_eq!((cursor.as_str(), scanned), ("0:3000", 3000));
    // Without a place it looks at what arrives.
    let mut feed = live.messages(&stage.admin, &stage.ws, "cars", wish(None, "3001 ")).await.unwrap();
    write(&stage, 3000..3002, 1).await;
    assert_eq!(some(&mut feed, 1).await.0, [3001]);
}
