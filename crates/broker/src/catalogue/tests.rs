//! Topics on a disk.

use std::{fs, path::Path};

use bytes::Bytes;

use super::*;
use crate::{
    log::Origin,
    records::{Record as Message, encode},
};

struct House {
    folder: tempfile::TempDir,
    journal: Journal,
    catalogue: Catalogue,
}

impl House {
    fn open(folder: tempfile::TempDir) -> (tempfile::TempDir, Result<(Journal, Catalogue)>) {
        let storage = Storage::new(true);
        let journal = Journal::open(&storage, folder.path().join("journal")).unwrap();
        let catalogue = Catalogue::open(storage, journal.clone(), folder.path().join("topics"));
        (folder, catalogue.map(|catalogue| (journal, catalogue)))
    }

    fn opened(folder: tempfile::TempDir) -> Self {
        let (folder, opened) = Self::open(folder);
        let (journal, catalogue) = opened.unwrap();
        Self { folder, journal, catalogue }
    }

    fn new() -> Self {
        Self::opened(tempfile::tempdir().unwrap())
    }

    /// A topic with a record in it; returns its folder.
    async fn topic(&self, name: &str) -> PathBuf {
        let new = NewTopic { name: name.into(), owner: None, partitions: 1, settings: Overrides::new() };
        let topic = self.catalogue.create(new).await.unwrap();
        let record = Message { value: Some(Bytes::from_static(b"v")), ..Message::default() };
        let partition = topic.partition(0).unwrap();
        partition.append(encode([record].iter()).unwrap(), Origin::Platform).unwrap();
        self.catalogue.topic_folder(topic.id)
    }

    /// Stops, with a change of the journal that nobody has asked for.
    async fn stop(self, changes: &[Change]) -> tempfile::TempDir {
        self.journal.apply(changes).unwrap();
        self.catalogue.close().await;
        self.journal.close().await.unwrap();
        self.folder
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn nothing_starts_when_a_topic_cannot_be_read() {
    let house = House::new();
    let topic = house.topic("t").await;
    let folder = house.stop(&[Change::Put(Record::key("t"), Bytes::from_static(b"{"))]).await;
    let (_folder, refused) = House::open(folder);
    let error = refused.err().unwrap();
    assert!(matches!(&error, Error::Storage(storage::Error::Corrupt { .. })), "{error}");
    assert!(error.to_string().contains("topic 't'"), "{error}");
    assert!(topic.is_dir());
}

#[tokio::test]
async fn records_that_nothing_is_known_of_are_set_aside() {
    let house = House::new();
    let topic = house.topic("t").await;
    let folder = house.stop(&[Change::Delete(Record::key("t"))]).await;
    // Nobody loses anything by these: what is no topic's, and what has no records.
    let topics = folder.path().join("topics");
    fs::create_dir(topics.join("notes")).unwrap();
    fs::create_dir_all(topics.join(Uuid::new_v4().to_string()).join("0")).unwrap();
    let house = House::opened(folder);
    assert_eq!(names(&topics), ["lost", "notes"]);
    let id = topic.file_name().unwrap().to_str().unwrap();
    assert_eq!(names(&topics.join("lost")), [id]);
    assert_eq!(names(&topics.join("lost").join(id)), ["0"]);
    let _house = House::opened(house.stop(&[]).await);
    assert_eq!(names(&topics), ["lost", "notes"]);
}

#[tokio::test]
async fn what_is_left_of_a_deleted_topic_goes() {
    let house = House::new();
    let topic = house.topic("t").await;
    let journal = house.journal.clone();
    house.catalogue.delete("t".into(), move |changes| journal.apply(&changes)).await.unwrap();
    assert!(!topic.exists());
    assert!(house.journal.scan(b"").is_empty());
    // As a crash in between leaves it.
    fs::create_dir_all(topic.join("0")).unwrap();
    fs::write(topic.join("0").join("0.log"), b"records").unwrap();
    let id = topic.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let folder = house.stop(&[Change::Put(sweep::doomed_key(id), Bytes::new())]).await;
    let house = House::opened(folder);
    assert!(names(&house.folder.path().join("topics")).is_empty());
    assert!(house.journal.scan(b"").is_empty());
}

#[tokio::test]
async fn a_topic_that_cannot_be_deleted_stays() {
    let house = House::new();
    house.topic("t").await;
    let full = |_| Err(storage::Error::DiskFull);
    assert!(house.catalogue.delete("t".into(), full).await.is_err());
    assert_eq!(house.catalogue.get("t").unwrap().partition(0).unwrap().offsets().end, 1);
}

#[test]
fn many_changes_at_once_leave_threads_for_their_syncs() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).max_blocking_threads(2).build();
    runtime.unwrap().block_on(async {
        let house = House::new();
        let names: Vec<_> = (0..20).map(|n| format!("t{n}")).collect();
        futures::future::join_all(names.iter().map(|name| house.topic(name))).await;
        assert_eq!(house.catalogue.all().len(), 20);
    });
}
