//! The frames.

use std::collections::BTreeMap;

use headwater_control::FeedFrom;
use headwater_model::{DeploymentId, Invalid, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorBody;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(super) enum Request {
    /// Open a channel.
    Open {
        ch: u64,
        #[serde(flatten)]
        feed: Feed,
    },
    /// End a channel.
    Close { ch: u64 },
    /// The client is there.
    Pong,
}

/// What a channel carries.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(super) enum Feed {
    Changes {
        workspace_id: WorkspaceId,
        after: Option<i64>,
    },
    Rates {
        workspace_id: WorkspaceId,
    },
    Logs {
        deployment_id: DeploymentId,
        source: Option<LogSource>,
        replica: Option<u32>,
        version: Option<u32>,
        attempt: Option<u32>,
        /// Where it begins when there is no cursor.
        from: Option<Timestamp>,
        cursor: Option<String>,
    },
    Messages {
        workspace_id: WorkspaceId,
        topic: String,
        cursor: Option<String>,
        from: Option<Beginning>,
        filter: Option<String>,
    },
}

/// Where records begin.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Beginning {
    Earliest,
    Latest,
    Time(Timestamp),
    /// By partition; as text, since JSON has no other names of members.
    Offsets(BTreeMap<String, i64>),
}

impl Beginning {
    pub(super) fn place(self) -> Result<FeedFrom, Invalid> {
        Ok(match self {
            Self::Earliest => FeedFrom::Earliest,
            Self::Latest => FeedFrom::Latest,
            Self::Time(time) => FeedFrom::Time(time),
            Self::Offsets(offsets) => {
                let number = |text: &str| {
                    let wrong =
                        |_| Invalid::new("from", format!("'{text}' is not the number of a partition"));
                    text.parse::<i32>().map_err(wrong)
                };
                let offsets = offsets.into_iter().map(|(partition, at)| Ok((number(&partition)?, at)));
                FeedFrom::Offsets(offsets.collect::<Result<_, Invalid>>()?)
            }
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogSource {
    Run,
    Build,
}

/// What the platform says.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(super) enum Reply {
    Opened { ch: u64, cursor: String },
    Event { ch: u64, cursor: String, data: Value },
    Reset { ch: u64, cursor: String },
    Error { ch: u64, error: ErrorBody },
    Closed { ch: u64 },
    Ping,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_send() {
        let text = r#"{"op":"open","ch":1,"kind":"changes","workspaceId":"acme-demo-prod","after":41}"#;
        let Request::Open { ch: 1, feed: Feed::Changes { workspace_id, after: Some(41) } } =
            serde_json::from_str(text).unwrap()
        else {
            panic!("read as something else")
        };
        assert_eq!(workspace_id.as_str(), "acme-demo-prod");
        for text in [
            r#"{"op":"open","ch":2,"kind":"logs","deploymentId":"0191e8a8-0000-7000-8000-000000000000","source":"build"}"#,
            r#"{"op":"open","ch":5,"kind":"logs","deploymentId":"0191e8a8-0000-7000-8000-000000000000","replica":0,"version":2,"attempt":1,"from":"2026-01-31T12:00:00Z"}"#,
            r#"{"op":"open","ch":3,"kind":"rates","workspaceId":"a-b-c"}"#,
            r#"{"op":"open","ch":4,"kind":"messages","workspaceId":"a-b-c","topic":"cars","cursor":"x"}"#,
            r#"{"op":"open","ch":5,"kind":"messages","workspaceId":"a-b-c","topic":"cars","from":"earliest","filter":"x"}"#,
            r#"{"op":"open","ch":6,"kind":"messages","workspaceId":"a-b-c","topic":"cars","from":{"time":"2026-01-31T12:00:00Z"}}"#,
            r#"{"op":"close","ch":2}"#,
            r#"{"op":"pong"}"#,
        ] {
            serde_json::from_str::<Request>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        assert!(
            serde_json::from_str::<Request>(r#"{"op":"open","ch":1,"kind":"changes","workspaceId":"A B"}"#)
                .is_err()
        );
    }

    #[test]
    fn offsets_are_named_by_partition() {
        let places = |offsets: &str| {
            let text = format!(
                r#"{{"op":"open","ch":1,"kind":"messages","workspaceId":"a-b-c","topic":"t","from":{{"offsets":{offsets}}}}}"#
            );
            match serde_json::from_str(&text).unwrap() {
                Request::Open { feed: Feed::Messages { from: Some(from), .. }, .. } => from.place(),
                other => panic!("{other:?}"),
            }
        };
        let expected = BTreeMap::from([(0, 17), (3, 4)]);
        assert_eq!(places(r#"{"0":17,"3":4}"#).unwrap(), FeedFrom::Offsets(expected));
        assert!(places(r#"{"first":17}"#).is_err());
    }

    #[test]
    fn writes_what_clients_read() {
        let text = serde_json::to_value(Reply::Opened { ch: 1, cursor: "41".into() }).unwrap();
        assert_eq!(text, serde_json::json!({ "op": "opened", "ch": 1, "cursor": "41" }));
        assert_eq!(serde_json::to_value(Reply::Ping).unwrap(), serde_json::json!({ "op": "ping" }));
    }
}
