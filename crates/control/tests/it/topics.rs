//! Topics, however they were made.

use headwater_control::{CreateTopic, Error, Origin};
use headwater_model::{TopicConfig, TopicStatus};
use headwater_topics::{Definition, Topics};

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_told_to_exist_can_be_read() {
    let stage = Stage::new().await;
    let config = TopicConfig { partitions: 3, ..TopicConfig::default() };
    let id = stage.ws.topic("cars").unwrap();
    stage.kafka.create(&Definition { id, owner: stage.ws.clone(), config: config.clone() }).await.unwrap();
    let topics = &stage.control.topics;
    let asked = CreateTopic { name: "cars".into(), ..CreateTopic::default() };
    let refused = topics.create(&stage.admin, &stage.ws, asked).await;
    assert!(matches!(refused, Err(Error::TopicExists(_))), "{refused:?}");
    let found = topics.get(&stage.admin, &stage.ws, "cars").await.unwrap().value;
    assert_eq!((found.status, found.origin), (TopicStatus::Ready, Origin::Unmanaged));
    assert_eq!(found.config, config);
}
