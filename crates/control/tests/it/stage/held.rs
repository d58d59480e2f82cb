//! A broker on which transactions can seem to be open.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use headwater_model::{ReplicaId, TopicConfig, TopicId};
use headwater_topics::{
    Content, Definition, Description, Embedded, Group, IncomingRecord, Isolation, Position, Record, Result,
    Topics, Traffic, Watermarks,
};
use tokio::sync::watch;

/// The embedded broker, whose records from a certain offset on may be held back from readers of what is committed.
pub(crate) struct Held {
    broker: Embedded,
    open: watch::Sender<Option<i64>>,
}

impl Held {
    pub(crate) fn new(broker: Embedded) -> Self {
        Self { broker, open: watch::Sender::new(None) }
    }

    /// A transaction is open whose first record has this offset, in every partition; none ends it.
    pub(crate) fn hold(&self, from: Option<i64>) {
        self.open.send_replace(from);
    }
}

#[async_trait]
impl Topics for Held {
    async fn create(&self, topic: &Definition) -> Result<()> {
        self.broker.create(topic).await
    }

    async fn update(&self, id: &TopicId, config: &TopicConfig) -> Result<()> {
        self.broker.update(id, config).await
    }

    async fn delete(&self, id: &TopicId) -> Result<()> {
        self.broker.delete(id).await
    }

    async fn clean(&self, id: &TopicId) -> Result<()> {
        self.broker.clean(id).await
    }

    async fn list(&self) -> Result<Vec<Description>> {
        self.broker.list().await
    }

    async fn describe(&self, id: &TopicId) -> Result<Description> {
        self.broker.describe(id).await
    }

    async fn watermarks(&self, id: &TopicId) -> Result<Vec<Watermarks>> {
        let first = *self.open.borrow();
        let held = |mark: Watermarks| Watermarks {
            last_stable: first.map_or(mark.last_stable, |first| first.clamp(mark.start, mark.last_stable)),
            ..mark
        };
        Ok(self.broker.watermarks(id).await?.into_iter().map(held).collect())
    }

    async fn offsets_at(&self, id: &TopicId, timestamp_ms: i64) -> Result<Vec<i64>> {
        self.broker.offsets_at(id, timestamp_ms).await
    }

    async fn produce(&self, id: &TopicId, records: Vec<IncomingRecord>) -> Result<Vec<Position>> {
        self.broker.produce(id, records).await
    }

    async fn fetch(
        &self,
        id: &TopicId,
        from: Position,
        max_bytes: usize,
        wait: Duration,
        isolation: Isolation,
    ) -> Result<(Vec<Record>, i64)> {
        let mut open = self.open.subscribe();
        let held = |open: &Option<i64>| open.is_some_and(|first| first <= from.offset);
        let free = tokio::time::timeout(wait, open.wait_for(|open| !held(open))).await.is_ok();
        let first = *self.open.borrow();
        if !free || held(&first) {
            return Ok((Vec::new(), from.offset));
        }
        let (mut records, next) = self.broker.fetch(id, from, max_bytes, wait, isolation).await?;
        records.retain(|record| first.is_none_or(|first| record.offset < first));
        Ok((records, first.map_or(next, |first| next.min(first))))
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        self.broker.groups().await
    }

    async fn group(&self, name: &str) -> Result<Group> {
        self.broker.group(name).await
    }

    async fn delete_group(&self, name: &str) -> Result<()> {
        self.broker.delete_group(name).await
    }

    async fn move_group(&self, name: &str, positions: &[(TopicId, Position)]) -> Result<()> {
        self.broker.move_group(name, positions).await
    }

    async fn contents(&self) -> Result<BTreeMap<TopicId, Content>> {
        self.broker.contents().await
    }

    async fn consumed(&self, replica: &ReplicaId, topics: &[TopicId], since_ms: i64) -> Result<bool> {
        self.broker.consumed(replica, topics, since_ms).await
    }

    async fn traffic(&self) -> Result<BTreeMap<TopicId, Traffic>> {
        self.broker.traffic().await
    }
}
