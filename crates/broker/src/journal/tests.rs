//! A journal through its public surface.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bytes::Bytes;
use proptest::prelude::*;

use super::{Change, Journal};
use crate::{
    files::{Files, memory::MemoryFiles},
    storage::{Error, Storage, Syncer},
};

fn storage(files: &MemoryFiles) -> Storage {
    Storage::with(Arc::new(files.clone()), Syncer::new(true), Arc::new(|| 0))
}

fn path() -> PathBuf {
    "/data/journal".into()
}

fn open(files: &MemoryFiles) -> Journal {
    Journal::open(&storage(files), path()).unwrap()
}

fn put(key: &str, value: &str) -> Change {
    Change::Put(Bytes::copy_from_slice(key.as_bytes()), Bytes::copy_from_slice(value.as_bytes()))
}

fn delete(key: &str) -> Change {
    Change::Delete(Bytes::copy_from_slice(key.as_bytes()))
}

fn keys(journal: &Journal, prefix: &str) -> Vec<Bytes> {
    journal.scan(prefix.as_bytes()).into_iter().map(|(key, _)| key).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn changes_are_read_at_once_and_after_a_restart() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    journal.apply(&[put("a/1", "one"), put("a/2", "two"), put("b/1", "three")]).unwrap();
    journal.apply(&[delete("a/2"), put("a/1", "uno"), delete("never there")]).unwrap();
    for journal in [journal, open(&files)] {
        assert_eq!(journal.get(b"a/1").as_deref(), Some(&b"uno"[..]));
        assert_eq!(journal.get(b"a/2"), None);
        assert_eq!(keys(&journal, "a/"), ["a/1"]);
        assert_eq!(keys(&journal, ""), ["a/1", "b/1"]);
    }
}

#[test]
fn a_closed_journal_refuses_changes() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    journal.apply(&[put("a", "1")]).unwrap();
    runtime().block_on(journal.close()).unwrap();
    assert_eq!(journal.apply(&[put("a", "2")]), Err(Error::Closed));
    assert_eq!(open(&files.power_cut(1)).get(b"a").as_deref(), Some(&b"1"[..]));
}

#[test]
fn a_failed_sync_is_final() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    files.fail_syncs(Some("journal"));
    let position = journal.apply(&[put("a", "1")]).unwrap();
    assert!(matches!(runtime().block_on(journal.durable(position)), Err(Error::ReadOnly(_))));
    files.fail_syncs(None);
    assert!(matches!(journal.apply(&[put("a", "2")]), Err(Error::ReadOnly(_))));
}

#[test]
fn a_full_disk_changes_nothing() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    journal.apply(&[put("a", "1")]).unwrap();
    files.set_capacity(Some(0));
    assert!(journal.apply(&[put("a", "2")]).is_err());
    assert_eq!(journal.get(b"a").as_deref(), Some(&b"1"[..]));
    files.set_capacity(None);
    journal.apply(&[put("b", "3")]).unwrap();
    assert_eq!(keys(&open(&files), ""), ["a", "b"]);
}

#[test]
fn damage_before_whole_entries_is_not_taken_for_a_torn_tail() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    let frames: Vec<u64> = ["one", "two", "three"]
        .into_iter()
        .map(|key| {
            journal.apply(&[put(key, "value")]).unwrap();
            files.open(&path()).unwrap().size().unwrap()
        })
        .collect();
    let file = files.open(&path()).unwrap();
    let whole = file.read(0, frames[2] as usize).unwrap();
    for broken in frames[0]..frames[1] {
        file.write(broken, &[!whole[broken as usize]]).unwrap();
        let refused = Journal::open(&storage(&files), path()).err();
        assert!(matches!(refused, Some(Error::Corrupt { .. })), "byte {broken}: {refused:?}");
        file.write(broken, &whole[broken as usize..][..1]).unwrap();
    }
    // Where nothing whole follows, it is what a crash leaves behind.
    file.write(frames[2] - 1, b"?").unwrap();
    assert_eq!(keys(&open(&files), ""), ["one", "two"]);
}

#[test]
fn what_is_outdated_leaves_the_file() {
    let files = MemoryFiles::new();
    let journal = open(&files);
    let value = "x".repeat(10_000);
    runtime().block_on(async {
        for i in 0..1000 {
            let position = journal.apply(&[put(&(i % 10).to_string(), &value)]).unwrap();
            journal.durable(position).await.unwrap();
        }
        journal.close().await.unwrap();
    });
    let size = files.open(&path()).unwrap().size().unwrap();
    assert!(size < 3_000_000, "{size}");
    assert_eq!(keys(&open(&files), "").len(), 10);
}

#[derive(Debug, Clone)]
enum Step {
    /// Keys to change, whether to keep them, and whether to wait until that is durable.
    Apply(Vec<(u8, bool)>, bool),
    PowerCut(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let changes = proptest::collection::vec((0..8_u8, any::<bool>()), 1..4);
    prop_oneof![
        6 => (changes, any::<bool>()).prop_map(|(changes, wait)| Step::Apply(changes, wait)),
        1 => any::<u64>().prop_map(Step::PowerCut),
    ]
}

type Map = BTreeMap<Bytes, Bytes>;

fn content(journal: &Journal) -> Map {
    journal.scan(b"").into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// After a power cut the journal is as it was after some apply, at or after the last that was durable.
    #[test]
    fn applies_survive_power_cuts_wholly_or_not_at_all(steps in proptest::collection::vec(step(), 1..60)) {
        runtime().block_on(async {
            let mut files = MemoryFiles::new();
            let mut journal = open(&files);
            // What the journal held after each apply since the last durable one, that one first.
            let mut history = vec![Map::new()];
            // Large enough that the file is rewritten on the way.
            let value = Bytes::from("v".repeat(60_000));
            for step in steps {
                match step {
                    Step::Apply(keys, wait) => {
                        let changes: Vec<_> = keys.iter().map(|(key, keep)| {
                            let key = Bytes::copy_from_slice(&[*key]);
                            if *keep { Change::Put(key, value.clone()) } else { Change::Delete(key) }
                        }).collect();
                        let position = journal.apply(&changes).unwrap();
                        history.push(content(&journal));
                        if wait {
                            journal.durable(position).await.unwrap();
                            history.drain(..history.len() - 1);
                        }
                    }
                    Step::PowerCut(seed) => {
                        files = files.power_cut(seed);
                        journal = open(&files);
                        let found = content(&journal);
                        assert!(history.contains(&found));
                        history = vec![found];
                    }
                }
            }
        });
    }
}
