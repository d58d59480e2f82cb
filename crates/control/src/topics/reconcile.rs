//! Makes the broker's topics what the rows say, and rows of what was made through Kafka.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_model::{TopicConfig, TopicId, TopicStatus, WorkspaceId};
use headwater_store::{Origin, Topic, Write};
use headwater_topics::{Definition, Description, Error as Refused};

use crate::{Result, core::Core};

/// How often the broker is compared with the rows when nothing wakes us.
const COMPARE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Longest that one question to the broker may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Topics that failed lately: how often in a row, and when to try again.
#[derive(Default)]
struct Backoff(HashMap<TopicId, (u32, Instant)>);

impl Backoff {
    fn due(&self, id: &TopicId) -> bool {
        self.0.get(id).is_none_or(|(_, at)| *at <= Instant::now())
    }

    fn failed(&mut self, id: &TopicId) {
        let (times, at) = self.0.entry(id.clone()).or_insert((0, Instant::now()));
        let pause = FIRST_PAUSE.saturating_mul(1 << (*times).min(6)).min(LONGEST_PAUSE);
        (*times, *at) = (*times + 1, Instant::now() + pause);
    }

    fn next(&self) -> Duration {
        let now = Instant::now();
        let soonest = self.0.values().map(|(_, at)| at.saturating_duration_since(now)).min();
        soonest.map_or(COMPARE, |pause| pause.min(COMPARE))
    }
}

/// Runs for as long as the platform does.
pub(crate) async fn reconcile(core: Arc<Core>) {
    let mut backoff = Backoff::default();
    loop {
        if let Err(error) = round(&core, &mut backoff).await {
            tracing::warn!(%error, "comparing topics with the broker failed");
        }
        let woken = core.topics_changed.notified();
        let _ = tokio::time::timeout(backoff.next(), woken).await;
    }
}

async fn round(core: &Core, backoff: &mut Backoff) -> Result<()> {
    let rows = core.store.read().await?.all_topics().await?;
    backoff.0.retain(|id, _| rows.iter().any(|row| row.id == *id));
    for row in &rows {
        // What was asked for just now is tried at once; what failed waits for its turn.
        let due = match row.status {
            TopicStatus::Ready => false,
            TopicStatus::Creating => true,
            TopicStatus::Deleting | TopicStatus::Error => backoff.due(&row.id),
        };
        if !due {
            continue;
        }
        settle(core, row, backoff).await?;
    }
    compare(core).await
}

/// Makes one topic what its row says.
async fn settle(core: &Core, row: &Topic, backoff: &mut Backoff) -> Result<()> {
    let outcome = match row.status {
        TopicStatus::Deleting => patiently(core.kafka.delete(&row.id)).await,
        _ => patiently(make(core, row)).await,
    };
    match outcome {
        Ok(()) | Err(Refused::UnknownTopic(_)) if row.status == TopicStatus::Deleting => {
            let mut write = core.store.write(&row.workspace).await?;
            write.delete_topic(&row.id).await?;
            write.commit().await?;
            backoff.0.remove(&row.id);
        }
        Ok(()) => {
            backoff.0.remove(&row.id);
            set_status(core, row, TopicStatus::Ready, None).await?;
        }
        Err(error) => {
            backoff.failed(&row.id);
            let status = match row.status {
                TopicStatus::Deleting => TopicStatus::Deleting,
                _ => TopicStatus::Error,
            };
            tracing::warn!(topic = %row.id, %error, "the broker did not take a topic");
            set_status(core, row, status, Some(error.to_string())).await?;
        }
    }
    Ok(())
}

async fn patiently<T>(
    question: impl Future<Output = headwater_topics::Result<T>>,
) -> headwater_topics::Result<T> {
    let late = |_| Refused::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, question).await.map_err(late)?
}

async fn make(core: &Core, row: &Topic) -> headwater_topics::Result<()> {
    match core.kafka.describe(&row.id).await {
        Ok(found) if found.config == row.config => Ok(()),
        Ok(_) => core.kafka.update(&row.id, &row.config).await,
        Err(Refused::UnknownTopic(_)) => {
            let (owner, config) = (row.workspace.clone(), row.config.clone());
            match core.kafka.create(&Definition { id: row.id.clone(), owner, config }).await {
                Err(Refused::Exists(_)) => core.kafka.update(&row.id, &row.config).await,
                other => other,
            }
        }
        Err(error) => Err(error),
    }
}

/// Records how far a topic is, unless its row moved on meanwhile: then the next round sees to it.
async fn set_status(core: &Core, seen: &Topic, status: TopicStatus, error: Option<String>) -> Result<()> {
    let mut write = core.store.write(&seen.workspace).await?;
    match write.topic(&seen.id).await? {
        Some(mut row)
            if row.revision == seen.revision && (row.status != status || row.last_error != error) =>
        {
            row.status = status;
            row.last_error = error;
            write.save_topic(row).await?;
            Ok(write.commit().await?)
        }
        Some(row) if row.revision != seen.revision => {
            core.topics_changed.notify_one();
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Gives rows to topics made through Kafka, takes them from those deleted through Kafka, and asks again for managed
/// ones that the broker lost.
async fn compare(core: &Core) -> Result<()> {
    let found: BTreeMap<_, _> =
        patiently(core.kafka.list()).await?.into_iter().map(|topic| (topic.id.clone(), topic)).collect();
    let read = core.store.read().await?;
    let workspaces: Vec<_> = read.workspaces().await?.into_iter().map(|row| row.id).collect();
    let rows = read.all_topics().await?;
    drop(read);
    for row in rows.iter().filter(|row| row.status == TopicStatus::Ready) {
        match (found.get(&row.id), row.origin) {
            (None, _) => lost(core, row).await?,
            (Some(topic), Origin::Unmanaged) if topic.config != row.config => {
                adopt(core, row, topic.config.clone()).await?;
            }
            (Some(topic), _) if topic.config.partitions > row.config.partitions => {
                // Partitions never shrink, so the row follows.
                let config = TopicConfig { partitions: topic.config.partitions, ..row.config.clone() };
                adopt(core, row, config).await?;
            }
            _ => {}
        }
    }
    let known: HashSet<_> = rows.iter().map(|row| &row.id).collect();
    for topic in found.values().filter(|topic| !known.contains(&topic.id)) {
        if let Some(workspace) = owner(topic, &workspaces) {
            import(core.store.write(workspace).await?, workspace, topic).await?;
        }
    }
    Ok(())
}

fn owner<'a>(topic: &Description, workspaces: &'a [WorkspaceId]) -> Option<&'a WorkspaceId> {
    workspaces.iter().find(|ws| belongs(topic, ws))
}

/// Whether a topic at the broker is the workspace's: the recorded owner decides, without one its name.
pub(super) fn belongs(topic: &Description, workspace: &WorkspaceId) -> bool {
    match &topic.owner {
        Some(owner) => owner == workspace,
        None => workspace.strip(topic.id.as_str()).is_some(),
    }
}

/// Gives a row to a topic that was made through Kafka, unless it has one.
pub(super) async fn import(mut write: Write, workspace: &WorkspaceId, topic: &Description) -> Result<()> {
    if write.topic(&topic.id).await?.is_some() {
        return Ok(());
    }
    let mut row = super::row(workspace, topic.id.clone(), topic.config.clone(), Origin::Unmanaged);
    row.status = TopicStatus::Ready;
    write.create_topic(row).await?;
    Ok(write.commit().await?)
}

async fn lost(core: &Core, seen: &Topic) -> Result<()> {
    // The list may be older than the row: ask about this one before believing it.
    if !matches!(patiently(core.kafka.describe(&seen.id)).await, Err(Refused::UnknownTopic(_))) {
        return Ok(());
    }
    if seen.origin != Origin::Unmanaged {
        set_status(core, seen, TopicStatus::Creating, None).await?;
        core.topics_changed.notify_one();
        return Ok(());
    }
    let mut write = core.store.write(&seen.workspace).await?;
    write.delete_topic(&seen.id).await?;
    Ok(write.commit().await?)
}

async fn adopt(core: &Core, seen: &Topic, config: TopicConfig) -> Result<()> {
    let mut write = core.store.write(&seen.workspace).await?;
    match write.topic(&seen.id).await? {
        Some(mut row) if row.revision == seen.revision => {
            row.config = config;
            write.save_topic(row).await?;
            Ok(write.commit().await?)
        }
        _ => Ok(()),
    }
}
