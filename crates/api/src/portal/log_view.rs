//! How lines and runs are written.

use std::fmt::Write;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, TryStreamExt};
use headwater_control::{Attempt, Choice, DeploymentRun, Level, LogEntry, Pieces, Stream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// How loud a line is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LogLevel)]
pub(super) enum LevelView {
    Error,
    Warning,
    Info,
    Debug,
}

impl From<LevelView> for Level {
    fn from(level: LevelView) -> Self {
        match level {
            LevelView::Error => Self::Error,
            LevelView::Warning => Self::Warning,
            LevelView::Info => Self::Info,
            LevelView::Debug => Self::Debug,
        }
    }
}

impl From<Level> for LevelView {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Info => Self::Info,
            Level::Debug => Self::Debug,
        }
    }
}

/// Which log of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LogSource)]
pub(super) enum SourceView {
    /// Of its replicas.
    #[default]
    Run,
    /// Of a build.
    Build,
}

/// A line of a log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogEntry)]
pub(super) struct EntryView {
    /// Number of the replica; none in a build log.
    #[serde(skip_serializing_if = "Option::is_none")]
    replica: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// Run of the replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    /// RFC 3339, UTC.
    time: String,
    /// `out`, `err` or `platform`.
    stream: &'static str,
    /// Nothing where nothing says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<LevelView>,
    text: String,
}

impl From<LogEntry> for EntryView {
    fn from(entry: LogEntry) -> Self {
        Self {
            replica: entry.replica,
            version: entry.version,
            attempt: entry.attempt,
            time: entry.time.to_string(),
            stream: match entry.stream {
                Stream::Out => "out",
                Stream::Err => "err",
                Stream::Platform => "platform",
            },
            level: entry.level.map(LevelView::from),
            text: entry.text,
        }
    }
}

/// A run of a replica whose output is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Run)]
pub(super) struct RunView {
    /// `{version}-{replica}-{attempt}`.
    id: String,
    /// The same.
    instance_id: String,
    /// `{deployment name as a slug}-{version}-{replica}`.
    replica_id: String,
    version: u32,
    replica: u32,
    attempt: u32,
    /// RFC 3339, UTC.
    start_time: Option<String>,
    end_time: Option<String>,
    exit_code: Option<i32>,
    /// How it ended, in words.
    reason: Option<String>,
    /// Whether it goes on.
    current_run: bool,
    /// Bytes of output that are kept.
    bytes: u64,
    logs_stored: bool,
    logs_download_url: String,
}

/// The name of a run in addresses.
pub(super) fn run_id(attempt: &Attempt) -> String {
    format!("{}-{}-{}", attempt.replica.version, attempt.replica.index, attempt.number)
}

/// The run that a name means.
pub(super) fn run_of(id: &str) -> Option<Choice> {
    let numbers: Option<Vec<u32>> = id.split('-').map(|part| part.parse().ok()).collect();
    match numbers?[..] {
        [version, replica, attempt] => {
            Some(Choice { replica: Some(replica), version: Some(version), attempt: Some(attempt) })
        }
        _ => None,
    }
}

/// The replica that its number or its name means, which ends in the number.
pub(super) fn replica_of(text: Option<&str>) -> Result<Option<u32>> {
    let Some(text) = text else { return Ok(None) };
    let number = text.rsplit('-').next().unwrap_or_default().parse();
    number.map(Some).map_err(|_| Error::invalid(format!("replicaId: '{text}' does not end in a number")))
}

impl RunView {
    /// As it is told.
    pub(super) fn new(DeploymentRun { replica_name, current, run }: DeploymentRun) -> Self {
        let Attempt { replica, number } = &run.attempt;
        let id = run_id(&run.attempt);
        // A run whose supervisor was lost with all records has ended with its last line.
        let last = run.written.map(|(_, last)| last).filter(|_| run.ended);
        Self {
            replica_id: replica_name,
            version: replica.version,
            replica: replica.index,
            attempt: *number,
            start_time: run.started_at.map(|at| at.to_string()),
            end_time: run.exit.as_ref().map(|exit| exit.at).or(last).map(|at| at.to_string()),
            exit_code: run.exit.as_ref().and_then(|exit| exit.code),
            reason: run.exit.map(|exit| exit.reason),
            current_run: current,
            bytes: run.bytes,
            logs_stored: run.bytes > 0,
            logs_download_url: format!("/deployments/{}/runs/{id}/logs", replica.deployment),
            instance_id: id.clone(),
            id,
        }
    }
}

const PLAIN: (header::HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");

/// Lines as text, sent as they are read; nothing at all is 204.
pub(super) async fn text(mut pieces: Pieces, timestamps: bool) -> Result<Response> {
    let first = loop {
        match pieces.try_next().await? {
            Some(entries) if entries.is_empty() => {}
            Some(entries) => break entries,
            None => return Ok(StatusCode::NO_CONTENT.into_response()),
        }
    };
    let all = futures::stream::once(async { Ok(first) }).chain(pieces);
    Ok(([PLAIN], body(all.boxed(), timestamps)).into_response())
}

/// Lines as a file of this name, sent as they are read.
pub(super) fn file(pieces: Pieces, timestamps: bool, name: &str) -> Response {
    let attachment = format!("attachment; filename=\"{name}\"");
    ([PLAIN, (header::CONTENT_DISPOSITION, &attachment)], body(pieces, timestamps)).into_response()
}

fn body(pieces: Pieces, timestamps: bool) -> Body {
    Body::from_stream(pieces.map_ok(move |entries| lines(entries, timestamps)))
}

fn lines(entries: Vec<LogEntry>, timestamps: bool) -> String {
    let mut out = String::new();
    for entry in entries {
        if timestamps {
            // Writing into a String cannot fail.
            let _ = write!(out, "{:.6} ", entry.time);
        }
        out.push_str(&entry.text);
        out.push('\n');
    }
    out
}
