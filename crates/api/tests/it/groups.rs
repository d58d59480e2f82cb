//! Consumer groups and what topics hold, as the API tells them.

use headwater_model::Role;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::platform::{Answer, Platform};

/// A topic of two partitions with five records in the first, and a group that has read two of them.
struct Stage {
    platform: Platform,
    admin: String,
    group: String,
}

impl Stage {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let admin = platform.person(Role::Admin).await;
        let group = format!("{}-readers", platform.workspace);
        let stage = Self { platform, admin, group };
        let asked = json!({ "name": "cars", "configuration": { "partitions": 2 } });
        assert_eq!(stage.call(Method::POST, "topics", Some(asked)).await.status, StatusCode::OK);
        while stage.get("topics/cars").await["status"] != "Ready" {
            tokio::task::yield_now().await;
        }
        let record = || headwater_broker::records::Record {
            value: Some("v".into()),
            timestamp: jiff::Timestamp::now().as_millisecond(),
            ..Default::default()
        };
        let broker = &stage.platform.broker;
        broker.append(&stage.topic(), vec![(0, (0..5).map(|_| record()).collect())]).await.expect("records");
        broker.move_group(&stage.group, vec![(stage.topic(), 0, 2)]).await.expect("a group");
        // What is another's is nobody's business here, even if it stands at the topic.
        broker.move_group("acme-other-dev-readers", vec![(stage.topic(), 0, 0)]).await.expect("a group");
        stage
    }

    fn topic(&self) -> String {
        format!("{}-cars", self.platform.workspace)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let path = format!("/{}/{path}", self.platform.workspace);
        self.platform.call(method, &path, Some(&self.admin), body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    async fn reset(&self, to: Value) -> Answer {
        let body = json!({ "topic": "cars", "to": to });
        self.call(Method::POST, "groups/readers/offsets", Some(body)).await
    }
}

#[tokio::test]
async fn a_topic_tells_who_reads_it_and_how_far_they_are() {
    let stage = Stage::new().await;
    let groups = stage.get("topics/cars/groups").await;
    let expected = json!([{
        "group": stage.group, "topic": "cars", "state": "Empty", "members": 0, "deploymentIds": [], "lag": 3,
        "partitions": [{
            "partition": 0, "committed": 2, "end": 5, "lag": 3, "memberId": null, "clientId": null,
            "deploymentId": null, "replica": null,
        }],
    }]);
    assert_eq!(groups, expected);
    stage.call(Method::GET, "topics/none/groups", None).await.refused(StatusCode::NOT_FOUND);
    stage.platform.stop().await;
}

#[tokio::test]
async fn a_group_is_moved_where_people_say() {
    let stage = Stage::new().await;
    let places = |answer: &Answer| -> Vec<Value> {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let partitions = answer.body["partitions"].as_array().expect("partitions");
        partitions.iter().map(|partition| partition["committed"].clone()).collect()
    };
    assert_eq!(places(&stage.reset(json!({ "0": 4 })).await), [4]);
    assert_eq!(places(&stage.reset(json!("latest")).await), [5, 0]);
    assert_eq!(places(&stage.reset(json!("earliest")).await), [0, 0]);
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    assert_eq!(places(&stage.reset(json!({ "time": later.to_string() })).await), [5, 0]);
    assert_eq!(places(&stage.reset(json!({ "time": "2020-01-01T00:00:00Z" })).await), [0, 0]);
    for wrong in [json!("middle"), json!({}), json!({ "time": "noon" }), json!({ "0": 6 }), json!({ "2": 0 })]
    {
        let answer = stage.reset(wrong.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.body);
    }
    let nobody = json!({ "topic": "cars", "to": "latest" });
    stage.call(Method::POST, "groups/none/offsets", Some(nobody)).await.refused(StatusCode::NOT_FOUND);
    stage.platform.stop().await;
}

#[tokio::test]
async fn a_group_is_deleted_by_either_name() {
    let stage = Stage::new().await;
    for name in [&stage.group, "readers"] {
        stage.platform.broker.move_group(&stage.group, vec![(stage.topic(), 0, 0)]).await.expect("a group");
        let path = format!("groups/{name}");
        assert_eq!(stage.call(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
        assert_eq!(stage.get("topics/cars/groups").await, json!([]));
    }
    stage.call(Method::DELETE, "groups/readers", None).await.refused(StatusCode::NOT_FOUND);
    // Another workspace's group has another name here.
    let other = stage.call(Method::DELETE, "groups/acme-other-dev-readers", None).await;
    other.refused(StatusCode::NOT_FOUND);
    stage.platform.stop().await;
}

#[tokio::test]
async fn topics_tell_what_they_hold() {
    let stage = Stage::new().await;
    let topic = stage.get("topics").await[0].clone();
    assert_eq!(topic["records"], 5);
    assert!(topic["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{topic}");
    let at = topic["lastRecordAt"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    assert!(at.is_some(), "{topic}");
    assert_eq!(stage.get("topics/cars").await["records"], 5);
    let path = "topics/cars/clean";
    assert_eq!(stage.call(Method::POST, path, None).await.status, StatusCode::NO_CONTENT);
    let empty = stage.get("topics/cars").await;
    assert_eq!((&empty["records"], &empty["lastRecordAt"]), (&json!(0), &Value::Null));
    stage.platform.stop().await;
}

#[tokio::test]
async fn who_may_not_do_it_is_told_that_before_the_body_is_read() {
    let platform = Platform::start().await;
    let viewer = platform.person(Role::Viewer).await;
    let workspace = &platform.workspace;
    for path in [
        format!("/{workspace}/topics"),
        format!("/{workspace}/applications"),
        format!("/{workspace}/groups/g/offsets"),
        format!("/workspaces/{workspace}/tokens"),
    ] {
        // Neither JSON that fits nor any at all.
        for body in [Some(json!([1])), None] {
            let answer = platform.call(Method::POST, &path, Some(&viewer), body).await;
            answer.refused(StatusCode::FORBIDDEN);
        }
    }
    platform.stop().await;
}
