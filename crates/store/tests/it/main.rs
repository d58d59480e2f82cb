//! The store through its public surface.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod fixture;

use std::{collections::BTreeMap, time::Duration};

use fixture::{deployment, open, organisation, topic, workspace};
use headwater_model::{ChangeKind, InputType, Role, TokenId, deployment::VariableValue};
use headwater_store::{Error, Event, Grant, Secret, Store, Token, TokenKind, User};
use jiff::Timestamp;
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_mutations_number_the_feed_without_gaps() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let mut feed = store.changes(&ws, Some(0)).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (store, ws) = (store.clone(), ws.clone());
            tokio::spawn(async move {
                for i in 0..20 {
                    let mut write = store.write(&ws).await.unwrap();
                    write.create_topic(topic(&ws, &format!("t{writer}-{i}"))).await.unwrap();
                    // Every third is given up: it must leave neither a row nor a number.
                    if i % 3 == 0 {
                        drop(write);
                    } else {
                        write.commit().await.unwrap();
                    }
                }
            })
        })
        .collect();
    let kept = 8 * (0..20).filter(|i| i % 3 != 0).count() as i64;
    let follower = async {
        // The first change is the workspace's own.
        for expected in 1..=kept + 1 {
            match feed.next().await.unwrap() {
                Event::Change(change) => assert_eq!(change.seq, expected),
                Event::Reset { seq } => panic!("reset at {seq}"),
            }
        }
    };
    timeout(LONG, follower).await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    let read = store.read().await.unwrap();
    assert_eq!(read.topics(&ws).await.unwrap().len() as i64, kept);
    assert_eq!(read.seq(&ws).await.unwrap(), kept + 1);
}

#[tokio::test]
async fn a_crash_within_a_mutation_leaves_no_half_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let mut write = store.write(&ws).await.unwrap();
    write.create_topic(topic(&ws, "kept")).await.unwrap();
    write.commit().await.unwrap();
    let seq = store.read().await.unwrap().seq(&ws).await.unwrap();

    let mut write = store.write(&ws).await.unwrap();
    write.create_topic(topic(&ws, "lost")).await.unwrap();
    write.delete_topic(&ws.topic("kept").unwrap()).await.unwrap();
    drop(write);
    drop(store);

    let store = Store::open(dir.path()).await.unwrap();
    let read = store.read().await.unwrap();
    let names: Vec<_> = read.topics(&ws).await.unwrap().into_iter().map(|topic| topic.name).collect();
    assert_eq!(names, ["kept"]);
    assert_eq!(read.seq(&ws).await.unwrap(), seq);
}

#[tokio::test]
async fn a_stale_row_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let mut write = store.write(&ws).await.unwrap();
    let first = write.create_topic(topic(&ws, "cars")).await.unwrap();
    let second = write.save_topic(first.clone()).await.unwrap();
    assert_eq!(second.revision, 2);
    assert!(matches!(write.save_topic(first).await, Err(Error::Stale { expected: 1, .. })));
    assert!(matches!(write.create_topic(topic(&ws, "cars")).await, Err(Error::Exists { what: "topic", .. })));
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().topic(&second.id).await.unwrap(), Some(second));
}

#[tokio::test]
async fn a_reader_that_stands_too_far_back_is_told_to_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", dir.path().join("store.db").display());
    let store = Store::connect_keeping(&url, &dir.path().join("secrets.key"), 10).await.unwrap();
    let ws = organisation(&store).await;
    for i in 0..40 {
        let mut write = store.write(&ws).await.unwrap();
        write.create_topic(topic(&ws, &format!("t{i}"))).await.unwrap();
        write.commit().await.unwrap();
    }
    let mut old = store.changes(&ws, Some(3)).await.unwrap();
    assert_eq!(old.next().await.unwrap(), Event::Reset { seq: 41 });
    let mut recent = store.changes(&ws, Some(38)).await.unwrap();
    for expected in 39..=41 {
        assert!(matches!(recent.next().await.unwrap(), Event::Change(change) if change.seq == expected));
    }
    // A place in the future belongs to a folder that was since replaced.
    let mut future = store.changes(&ws, Some(977)).await.unwrap();
    assert_eq!(future.next().await.unwrap(), Event::Reset { seq: 41 });

    let mut write = store.write(&ws).await.unwrap();
    write.delete_topic(&ws.topic("t0").unwrap()).await.unwrap();
    write.commit().await.unwrap();
    let change = match timeout(LONG, old.next()).await.unwrap().unwrap() {
        Event::Change(change) => change,
        Event::Reset { seq } => panic!("reset at {seq}"),
    };
    assert_eq!((change.seq, change.kind, change.revision), (42, ChangeKind::Topic, -1));
    assert_eq!(change.id, ws.topic("t0").unwrap().to_string());
}

#[tokio::test]
async fn a_snapshot_does_not_move() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let before = store.read().await.unwrap();
    let seq = before.seq(&ws).await.unwrap();
    let mut write = store.write(&ws).await.unwrap();
    write.create_topic(topic(&ws, "later")).await.unwrap();
    write.commit().await.unwrap();
    assert!(before.topics(&ws).await.unwrap().is_empty());
    assert_eq!(before.seq(&ws).await.unwrap(), seq);
    assert_eq!(store.read().await.unwrap().topics(&ws).await.unwrap().len(), 1);
}

#[tokio::test]
async fn hidden_values_are_sealed_on_disk_and_open_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let secret = "correct-horse-battery-staple";
    let hidden =
        |input_type| VariableValue { input_type, value: secret.into(), description: None, required: false };
    let mut row = deployment(&ws, "Source");
    row.spec.variables = BTreeMap::from([
        ("password".into(), hidden(InputType::HiddenText)),
        ("key".into(), hidden(InputType::Secret)),
    ]);
    let token = Token {
        id: TokenId::new(),
        name: "Token 1".into(),
        kind: TokenKind::Sdk(ws.clone()),
        created_at: Timestamp::now(),
        last_used_at: None,
        expires_at: None,
    };
    let mut write = store.write(&ws).await.unwrap();
    let row = write.create_deployment(row).await.unwrap();
    write.create_token(&token, "hash", Some(&Secret::new(secret))).await.unwrap();
    write.commit().await.unwrap();
    drop(store);

    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!bytes.windows(8).any(|window| window == b"p4ssw0rd"));
    }
    let store = Store::open(dir.path()).await.unwrap();
    let read = store.read().await.unwrap();
    assert_eq!(read.deployment(row.id).await.unwrap().unwrap(), row);
    assert_eq!(read.sdk_secret(&ws).await.unwrap().unwrap().expose(), secret);
    assert_eq!(read.workspace(&ws).await.unwrap().broker_password.expose(), "p4ssw0rd");
    assert_eq!(format!("{:?}", read.workspace(&ws).await.unwrap().broker_password), "Secret(…)");
}

#[tokio::test]
async fn a_lost_key_is_said_and_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path()).await;
    drop(store);
    let key = dir.path().join("secrets.key");
    std::fs::remove_file(&key).unwrap();
    for _ in 0..2 {
        assert!(matches!(Store::open(dir.path()).await, Err(Error::Sealed)));
        assert!(!key.exists());
    }
}

#[tokio::test]
async fn names_that_must_be_unique_are() {
    let dir = tempfile::tempdir().unwrap();
    let (store, ws) = open(dir.path()).await;
    let mut write = store.write(&ws).await.unwrap();
    let mut public = deployment(&ws, "One");
    public.spec.url_prefix = Some("dash".into());
    let mut first = write.create_deployment(public.clone()).await.unwrap();
    public.id = headwater_model::DeploymentId::new();
    assert!(matches!(
        write.create_deployment(public.clone()).await,
        Err(Error::Exists { what: "URL prefix", .. })
    ));
    // A deployment on its way out gives its address back.
    first.deleting = true;
    write.save_deployment(first).await.unwrap();
    write.create_deployment(public).await.unwrap();
    write.commit().await.unwrap();

    let mut write = store.write_all().await.unwrap();
    let overlapping = workspace("acme-demo-dev-x");
    assert!(matches!(
        write.create_workspace(overlapping).await,
        Err(Error::Exists { what: "workspace", .. })
    ));
    write.create_workspace(workspace("acme-demo-prod")).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().workspaces().await.unwrap().len(), 2);
}

#[tokio::test]
async fn links_work_once_and_sessions_until_they_end() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path()).await;
    let user = User {
        id: "u1".into(),
        email: "a@b".into(),
        first_name: "Ada".into(),
        last_name: "L".into(),
        role: Role::Admin,
        created_at: Timestamp::now(),
    };
    let grant = Grant { user: "u1".into(), expires_at: Timestamp::from_second(4_000_000_000).unwrap() };
    let mut write = store.write_all().await.unwrap();
    write.create_user(&user).await.unwrap();
    assert!(matches!(write.create_user(&user).await, Err(Error::Exists { .. })));
    write.create_link("l", &grant).await.unwrap();
    assert_eq!(write.take_link("l").await.unwrap(), Some(grant.clone()));
    assert_eq!(write.take_link("l").await.unwrap(), None);
    write.create_session("s", &grant).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().session("s").await.unwrap(), Some(grant));
    let mut write = store.write_all().await.unwrap();
    write.delete_session("s").await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().session("s").await.unwrap(), None);
    assert_eq!(store.read().await.unwrap().user("u1").await.unwrap().unwrap().email, "a@b");
}
