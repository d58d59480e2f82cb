//! Topics: what exists, whose it is, how it is set, where it lies.

pub(crate) mod settings;
mod sweep;
#[cfg(test)]
mod tests;
mod topic;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use headwater_model::{WorkspaceId, name, topic::PARTITIONS_MAX};
use kafka_protocol::ResponseError;
use parking_lot::RwLock;
use tokio::{runtime::Handle, sync::Mutex};
use uuid::Uuid;

pub(crate) use settings::Overrides;
use topic::Record;
pub(crate) use topic::Topic;
pub use topic::Traffic;

use crate::{
    Error, Result,
    journal::{Change, Journal},
    keys::{Kind, Parts},
    log::Partition,
    storage::{self, Storage},
};

/// A topic to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    pub(crate) owner: Option<WorkspaceId>,
    pub(crate) partitions: i32,
    pub(crate) settings: Overrides,
}

/// All topics. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Catalogue {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    journal: Journal,
    folder: PathBuf,
    topics: RwLock<BTreeMap<String, Arc<Topic>>>,
    /// Held by whoever makes, changes or removes a topic. Taken before a thread of the blocking pool is: those who
    /// wait for it would otherwise hold the threads that its holder's sync needs.
    changing: Arc<Mutex<()>>,
}

impl Catalogue {
    /// Opens all topics under `folder`, and removes what a crash has left of others. Blocks.
    pub(crate) fn open(storage: Storage, journal: Journal, folder: PathBuf) -> Result<Self> {
        let records = journal.scan(&[Kind::Topic as u8]);
        let inner = Inner { storage, journal, folder, topics: RwLock::default(), changing: Arc::default() };
        let catalogue = Self { inner: Arc::new(inner) };
        let mut kept = BTreeSet::new();
        for (key, value) in records {
            let (name, record) = Record::read(&key, &value).ok_or_else(|| catalogue.unreadable(&key))?;
            kept.insert(record.id.to_string());
            let topic = Topic::new(name, &record);
            topic.partitions.store(Arc::new(catalogue.opened(&topic, record.partitions)?));
            catalogue.inner.topics.write().insert(topic.name.clone(), Arc::new(topic));
        }
        catalogue.sweep(&kept)?;
        Ok(catalogue)
    }

    /// Without its record nobody knows which folder is the topic's, so nothing goes on.
    fn unreadable(&self, key: &[u8]) -> Error {
        let name = Parts::of(key).name().map_or_else(|| key.escape_ascii().to_string(), str::to_owned);
        let reason = format!(
            "the journal's record of topic '{name}' cannot be read; restore the data folder from a backup, or run \
             the version that wrote it"
        );
        storage::Error::corrupt(&self.inner.folder, reason).into()
    }

    fn topic_folder(&self, id: Uuid) -> PathBuf {
        self.inner.folder.join(id.to_string())
    }

    /// The topic's partitions, with more of them opened up to `count`.
    fn opened(&self, topic: &Topic, count: i32) -> Result<Vec<Partition>> {
        let mut partitions = (*topic.partitions()).clone();
        let folder = self.topic_folder(topic.id);
        for index in partitions.len()..usize::try_from(count).unwrap_or(0) {
            let dir: &Path = &folder.join(index.to_string());
            let settings = topic.log_settings.clone();
            partitions.push(Partition::open(&self.inner.storage, dir.to_owned(), settings)?);
        }
        Ok(partitions)
    }

    /// The topic of a name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.inner.topics.read().get(name).cloned()
    }

    /// The topic of an id.
    pub(crate) fn by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        self.inner.topics.read().values().find(|t| t.id == id).cloned()
    }

    /// All topics, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Topic>> {
        self.inner.topics.read().values().cloned().collect()
    }

    /// Checks a topic that is to be made.
    pub(crate) fn check(&self, new: &NewTopic) -> Result<()> {
        name::topic(&new.name).map_err(|e| {
            let reason = format!("topic name '{}' is not valid: {}", new.name, e.message);
            Error::invalid(ResponseError::InvalidTopicException, reason)
        })?;
        if !(1..=PARTITIONS_MAX).contains(&new.partitions) {
            let reason =
                format!("a topic has 1 to {PARTITIONS_MAX} partitions; {} were asked for", new.partitions);
            return Err(Error::invalid(ResponseError::InvalidPartitions, reason));
        }
        settings::check(&new.settings)?;
        let topics = self.inner.topics.read();
        if topics.contains_key(&new.name) {
            return Err(Error::Exists(new.name.clone()));
        }
        // Kafka's metrics make no difference between the two, and so its clients expect the refusal.
        if new.name.contains(['.', '_'])
            && let Some(other) =
                topics.keys().find(|other| other.replace('.', "_") == new.name.replace('.', "_"))
        {
            let reason = format!("'{}' collides with '{other}': '.' and '_' count as the same", new.name);
            return Err(Error::invalid(ResponseError::InvalidTopicException, reason));
        }
        Ok(())
    }

    /// Makes a topic; durable when this returns.
    pub(crate) async fn create(&self, new: NewTopic) -> Result<Arc<Topic>> {
        self.changing(move |catalogue| {
            catalogue.check(&new)?;
            let record = Record {
                id: Uuid::new_v4(),
                owner: new.owner,
                partitions: new.partitions,
                settings: new.settings,
            };
            let topic = Arc::new(Topic::new(new.name, &record));
            topic.partitions.store(Arc::new(catalogue.opened(&topic, record.partitions)?));
            catalogue.write(&[Change::Put(Record::key(&topic.name), record.encode())])?;
            catalogue.inner.topics.write().insert(topic.name.clone(), topic.clone());
            tracing::info!(topic = %topic.name, partitions = record.partitions, "topic made");
            Ok(topic)
        })
        .await
    }

    /// Removes a topic; durable when this returns. `apply` writes what goes with it in the same frame of the
    /// journal; when it fails the topic is as it was.
    pub(crate) async fn delete(
        &self,
        name: String,
        apply: impl FnOnce(Vec<Change>) -> storage::Result<i64> + Send + 'static,
    ) -> Result<()> {
        self.changing(move |catalogue| {
            let removed = catalogue.inner.topics.write().remove(&name);
            let topic = removed.ok_or_else(|| Error::UnknownTopic(name.clone()))?;
            let doomed = sweep::doomed_key(topic.id);
            let changes =
                vec![Change::Delete(Record::key(&name)), Change::Put(doomed.clone(), Default::default())];
            let written = apply(changes).inspect_err(|_| {
                catalogue.inner.topics.write().insert(name.clone(), topic.clone());
            })?;
            catalogue.wait(written)?;
            for partition in topic.partitions().iter() {
                partition.delete()?;
            }
            // What remains of the folder, or the note on it, is swept at the next start.
            if std::fs::remove_dir_all(catalogue.topic_folder(topic.id)).is_ok() {
                let _ = catalogue.inner.journal.apply(&[Change::Delete(doomed)]);
            }
            tracing::info!(topic = %name, "topic removed");
            Ok(())
        })
        .await
    }

    /// Adds partitions up to `count`; durable when this returns.
    pub(crate) async fn grow(&self, name: String, count: i32) -> Result<()> {
        self.changing(move |catalogue| {
            let topic = catalogue.get(&name).ok_or(Error::UnknownTopic(name))?;
            check_growth(&topic, count)?;
            let record = Record { partitions: count, ..topic.record() };
            let partitions = catalogue.opened(&topic, count)?;
            catalogue.write(&[Change::Put(Record::key(&topic.name), record.encode())])?;
            topic.partitions.store(Arc::new(partitions));
            Ok(())
        })
        .await
    }

    /// Replaces what a topic sets otherwise than the default by what `change` makes of it; durable when this
    /// returns, and in force.
    pub(crate) async fn alter(
        &self,
        name: String,
        change: impl FnOnce(&Overrides) -> Result<Overrides> + Send + 'static,
    ) -> Result<()> {
        self.changing(move |catalogue| {
            let topic = catalogue.get(&name).ok_or(Error::UnknownTopic(name))?;
            let settings = change(&topic.overrides())?;
            settings::check(&settings)?;
            let record = Record { settings, ..topic.record() };
            catalogue.write(&[Change::Put(Record::key(&topic.name), record.encode())])?;
            topic.log_settings.store(Arc::new(settings::log_settings(&record.settings)));
            topic.overrides.store(Arc::new(record.settings));
            Ok(())
        })
        .await
    }

    /// Runs a change on the blocking pool, one at a time; it goes to its end even when nobody waits for it.
    async fn changing<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let catalogue = self.clone();
        let alone = self.inner.changing.clone().lock_owned().await;
        let task = tokio::task::spawn_blocking(move || {
            let _alone = alone;
            change(&catalogue)
        });
        task.await.unwrap_or(Err(Error::Stopping))
    }

    /// Writes to the journal and waits until it is durable. Blocks.
    fn write(&self, changes: &[Change]) -> Result<()> {
        self.wait(self.inner.journal.apply(changes)?)
    }

    fn wait(&self, written: i64) -> Result<()> {
        Ok(Handle::current().block_on(self.inner.journal.durable(written))?)
    }

    /// Makes everything durable; nothing can be written after.
    pub(crate) async fn close(&self) {
        for topic in self.all() {
            for partition in topic.partitions().iter() {
                if let Err(error) = partition.close().await {
                    tracing::error!(topic = %topic.name, %error, "partition cannot be closed");
                }
            }
        }
    }
}

/// Checks a number of partitions that a topic is to grow to.
pub(crate) fn check_growth(topic: &Topic, count: i32) -> Result<()> {
    let now = topic.partition_count();
    let reason = match count {
        _ if count == now => format!("topic '{}' already has {now} partitions", topic.name),
        _ if count < now => format!("topic '{}' has {now} partitions; they cannot become fewer", topic.name),
        _ if count > PARTITIONS_MAX => format!("a topic has at most {PARTITIONS_MAX} partitions"),
        _ => return Ok(()),
    };
    Err(Error::invalid(ResponseError::InvalidPartitions, reason))
}
