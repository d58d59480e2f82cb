//! What deployments say: followed, searched, told as a whole.

use futures::{StreamExt, TryStreamExt};
use headwater_compute::{Attempt, LogSource, ReplicaId};
use headwater_control::{
    Begin, Choice, Direction, Download, Feed, FeedEvent, Level, LogEntry, LogsFrom, SearchLogs,
};
use headwater_model::DeploymentId;
use jiff::{SignedDuration, Timestamp};

use crate::{
    deployments::deploy,
    stage::{Stage, next},
};

const ALL: Choice = Choice { replica: None, version: None, attempt: None };

fn run(deployment: DeploymentId, version: u32, index: u32, number: u32) -> LogSource {
    LogSource::Run(Attempt { replica: ReplicaId { deployment, version, index }, number })
}

fn at(millis: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    begin + SignedDuration::from_millis(millis)
}

async fn stage() -> (Stage, DeploymentId) {
    let stage = Stage::new().await;
    let id = deploy(&stage, false).await.id;
    (stage, id)
}

async fn follow(stage: &Stage, id: DeploymentId, choice: Choice, begin: Begin<'_>) -> Feed<Vec<LogEntry>> {
    stage.control.live.logs(&stage.admin, id, LogsFrom::Run, choice, begin).await.unwrap()
}

/// So many lines of a feed, and where it stands after them.
async fn lines(feed: &mut Feed<Vec<LogEntry>>, count: usize) -> (String, Vec<String>) {
    let mut texts = Vec::new();
    loop {
        let (cursor, entries) = next(feed).await;
        texts.extend(entries.into_iter().map(|entry| entry.text));
        if texts.len() >= count {
            return (cursor, texts);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_log_that_is_opened_before_the_build_tells_it() {
    let stage = Stage::new().await;
    let before = deploy(&stage, false).await;
    assert_eq!(before.build_id, None);
    let live = &stage.control.live;
    let mut feed = live.logs(&stage.admin, before.id, LogsFrom::Build, ALL, Begin::Past).await.unwrap();
    stage.control.deployments.start(&stage.admin, before.id).await.unwrap();
    assert_eq!(next(&mut feed).await.1[0].text, "built");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_log_ends_where_it_ended_when_it_was_asked_for() {
    let (stage, id) = stage().await;
    let long = "x".repeat(300 * 1024);
    let run = run(id, 1, 0, 1);
    for text in ["first", &long, &long, "last"] {
        stage.machine.say(&run, text);
    }
    // A clock that was set back: what is there is told all the same.
    stage.machine.say_at(&run, Timestamp::now() + SignedDuration::from_hours(1), "ahead");
    let deployments = &stage.control.deployments;
    let mut pieces = deployments.output(&stage.admin, id, Download::default()).await.unwrap();
    let mut texts = Vec::new();
    while let Some(piece) = pieces.try_next().await.unwrap() {
        texts.extend(piece.into_iter().map(|entry| entry.text));
        stage.machine.say_at(&run, Timestamp::now() + SignedDuration::from_hours(2), "and another");
    }
    assert!(texts == ["first", &long, &long, "last", "ahead"], "{} lines", texts.len());
    let choice = Choice { attempt: Some(2), ..ALL };
    let none = deployments.output(&stage.admin, id, Download { choice, ..Default::default() }).await.unwrap();
    assert!(none.try_concat().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_longer_than_a_read_is_followed() {
    let (stage, id) = stage().await;
    let run = run(id, 1, 0, 1);
    stage.machine.say(&run, "first");
    let mut feed = follow(&stage, id, ALL, Begin::Past).await;
    assert_eq!(next(&mut feed).await.1[0].text, "first");
    let long = "x".repeat(64 * 1024);
    stage.machine.say(&run, &long);
    assert_eq!(next(&mut feed).await.1[0].text, long);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_told_in_the_order_of_time_however_much_each_has_said() {
    let (stage, id) = stage().await;
    let text = "x".repeat(1_000);
    // Replica 0 speaks ten times as often, so a piece of its output is a tenth of the time.
    for millis in 0..1_000 {
        stage.machine.say_at(&run(id, 1, 0, 1), at(millis), &format!("{millis} {text}"));
        if millis % 10 == 0 {
            stage.machine.say_at(&run(id, 1, 1, 1), at(millis), &format!("{millis} {text}"));
        }
    }
    let mut feed = follow(&stage, id, ALL, Begin::Time(at(0))).await;
    let mut times = Vec::new();
    let mut cursors = Vec::new();
    while times.len() < 1_100 {
        let (cursor, entries) = next(&mut feed).await;
        times.extend(entries.iter().map(|entry| entry.time));
        cursors.push((cursor, times.len()));
    }
    assert!(times.is_sorted());
    // Whoever goes on from a cursor between gets the rest, each line once.
    let (cursor, told) = &cursors[cursors.len() / 2];
    let mut again = follow(&stage, id, ALL, Begin::Cursor(cursor)).await;
    let mut rest = Vec::new();
    while rest.len() < 1_100 - told {
        rest.extend(next(&mut again).await.1.iter().map(|entry| entry.time));
    }
    assert_eq!(rest, times[*told..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_is_followed_to_its_end_and_no_further() {
    let (stage, id) = stage().await;
    for (version, replica, attempt) in [(1, 0, 1), (1, 0, 2), (2, 0, 1), (1, 1, 2)] {
        let run = run(id, version, replica, attempt);
        stage.machine.say(&run, &format!("{version}-{replica}-{attempt}"));
        stage.machine.end(&run);
    }
    let one = Choice { replica: Some(0), version: Some(1), attempt: Some(2) };
    let feed = follow(&stage, id, one, Begin::Past).await;
    let texts = |event: FeedEvent<Vec<LogEntry>>| match event {
        FeedEvent::Data { data, .. } => data.into_iter().map(|entry| entry.text).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let all: Vec<_> = feed.events.map(texts).concat().await;
    assert_eq!(all, ["1-0-2"]);
    let mut version = follow(&stage, id, Choice { version: Some(1), ..ALL }, Begin::Time(at(0))).await;
    let mut all = lines(&mut version, 3).await.1;
    all.sort();
    assert_eq!(all, ["1-0-1", "1-0-2", "1-1-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_say_how_loud_they_are_also_after_a_cut() {
    let (stage, id) = stage().await;
    let run = run(id, 1, 0, 1);
    for text in ["INFO up", "Traceback (most recent call last):"] {
        stage.machine.say(&run, text);
    }
    let mut feed = follow(&stage, id, ALL, Begin::Past).await;
    let (cursor, entries) = next(&mut feed).await;
    let levels = |entries: Vec<LogEntry>| entries.into_iter().map(|entry| entry.level).collect::<Vec<_>>();
    assert_eq!(levels(entries), [Some(Level::Info), Some(Level::Error)]);
    drop(feed);
    for text in ["  File \"main.py\"", "app.Oops: no", "and on"] {
        stage.machine.say(&run, text);
    }
    let mut feed = follow(&stage, id, ALL, Begin::Cursor(&cursor)).await;
    assert_eq!(levels(next(&mut feed).await.1), [Some(Level::Error), Some(Level::Error), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_goes_over_runs_and_replicas_page_by_page() {
    let (stage, id) = stage().await;
    let mut expected = Vec::new();
    for number in 0..60_i64 {
        let (version, replica, attempt) = match number {
            0..20 => (1, (number % 2) as u32, 1),
            20..40 => (1, (number % 2) as u32, 2),
            _ => (2, (number % 3) as u32, 1),
        };
        stage.machine.say_at(
            &run(id, version, replica, attempt),
            at(number / 2),
            &format!("wanted {number}"),
        );
        stage.machine.say_at(&run(id, version, replica, attempt), at(number / 2), "other");
        expected.push(number);
    }
    let search = async |asked: SearchLogs| {
        let (mut asked, mut all) = (asked, Vec::new());
        loop {
            let found = stage.control.deployments.search(&stage.admin, id, asked.clone()).await.unwrap();
            let numbers = found.matches.iter().map(|found| {
                assert_eq!(found.after.first().map(|entry| entry.text.as_str()), Some("other"));
                found.entry.text.rsplit(' ').next().unwrap().parse::<i64>().unwrap()
            });
            all.extend(numbers);
            match found.cursor {
                None => return all,
                cursor => asked.cursor = cursor,
            }
        }
    };
    let asked = SearchLogs { text: Some("WANTED".into()), limit: 7, context: 1, ..Default::default() };
    let forward = SearchLogs { direction: Direction::Forward, ..asked.clone() };
    let mut found = search(forward.clone()).await;
    found.sort();
    assert_eq!(found, expected);
    let mut found = search(asked.clone()).await;
    assert!(found[0] >= 58 && found[59] <= 1, "the newest first: {found:?}");
    found.sort();
    assert_eq!(found, expected);
    let second = Choice { replica: Some(1), version: Some(1), attempt: Some(2) };
    let regex = SearchLogs {
        text: None,
        regex: Some(r"^wanted \d+$".into()),
        choice: second,
        from: Some(at(12)),
        to: Some(at(18)),
        ..forward
    };
    assert_eq!(search(regex).await, [25, 27, 29, 31, 33, 35]);

    let refused = async |asked: SearchLogs| {
        stage.control.deployments.search(&stage.admin, id, asked).await.unwrap_err().to_string()
    };
    let wrong = SearchLogs { regex: Some("(".into()), ..Default::default() };
    assert!(refused(wrong).await.contains("unclosed group"));
    let wrong = SearchLogs { cursor: Some("1.2.x".into()), ..asked };
    assert!(refused(wrong).await.contains("cursor"));
}
