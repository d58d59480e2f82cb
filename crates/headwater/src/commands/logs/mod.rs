//! `headwater logs`: what a deployment says, and what it said.

mod filter;
mod print;

use anyhow::Result;
use clap::Args;
use headwater_model::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    remote::{Deployment, Remote, deployment},
    runtime,
};
use crate::client::{Api, Seen};
use filter::{Filter, Loudness};
use print::Printer;

/// Lines shown of the past when nothing says how many.
const TAIL: usize = 200;
/// Lines asked for at a time.
const PAGE: usize = 1000;

/// Whose output, which lines, and how.
#[derive(Debug, Args)]
pub struct Logs {
    /// The deployment, by name or id
    deployment: String,
    #[command(flatten)]
    remote: Remote,
    /// Look for the name in this workspace only
    #[arg(long, value_name = "ID")]
    workspace: Option<WorkspaceId>,
    /// Go on as lines are written, until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Of one replica, by its number
    #[arg(long, value_name = "N")]
    replica: Option<u32>,
    /// Of one version of the deployment
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Lines since then: 10m, 2h, 3d, or a time like 2026-01-31T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Timestamp>,
    /// The last lines only [default: 200, or all with --since, --search, --regex or --level]
    #[arg(short = 'n', long, value_name = "LINES", conflicts_with = "follow")]
    tail: Option<usize>,
    /// Lines that hold this text
    #[arg(long, value_name = "TEXT", conflicts_with = "regex")]
    search: Option<String>,
    /// Lines that match this regular expression
    #[arg(long, value_name = "R")]
    regex: Option<String>,
    /// Tell capital letters from small ones in --search and --regex
    #[arg(long)]
    case_sensitive: bool,
    /// Lines that are this loud or louder
    #[arg(long, value_enum)]
    level: Option<Loudness>,
    /// Start each line with its time
    #[arg(long)]
    timestamps: bool,
    /// The build log instead
    #[arg(long)]
    build: bool,
}

/// A line.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Entry {
    replica: Option<u32>,
    time: Timestamp,
    stream: String,
    level: Option<Loudness>,
    text: String,
}

#[derive(Deserialize)]
struct Found {
    matches: Vec<Match>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Match {
    entry: Entry,
}

#[derive(Deserialize)]
struct Batch {
    entries: Vec<Entry>,
}

impl Logs {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        let outcome = runtime()?.block_on(self.show());
        match outcome {
            // Whoever read has enough.
            Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(is_closed) => Ok(()),
            other => other,
        }
    }

    async fn show(self) -> Result<()> {
        let api = self.remote.api()?;
        let deployment = deployment(&api, &self.deployment, self.workspace.as_ref()).await?;
        let several = deployment.replicas > 1 && self.replica.is_none() && !self.build;
        let mut printer = Printer::new(self.timestamps, several);
        match self.follow {
            true => self.follow(&api, &deployment, &mut printer).await,
            false => self.past(&api, &deployment, &mut printer).await,
        }
    }

    async fn follow(&self, api: &Api, deployment: &Deployment, printer: &mut Printer) -> Result<()> {
        let filter = Filter::new(self)?;
        let mut channel = json!({ "kind": "logs", "deploymentId": deployment.deployment_id });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                channel[name] = value;
            }
        };
        set("source", self.build.then(|| json!("build")));
        set("replica", self.replica.map(Value::from));
        set("version", self.version.map(Value::from));
        set("from", self.since.map(|since| json!(since)));
        let mut follower = api.follow(channel);
        loop {
            match follower.next().await? {
                Seen::Event(data) => {
                    let Batch { entries } = serde_json::from_value(data)?;
                    printer.print(entries.into_iter().filter(|entry| filter.wants(entry)))?;
                }
                Seen::Cut => eprintln!("headwater: the connection was cut; trying again"),
                Seen::Closed => return Ok(()),
            }
        }
    }

    async fn past(&self, api: &Api, deployment: &Deployment, printer: &mut Printer) -> Result<()> {
        let chosen = self.since.is_some() || self.level.is_some() || self.text().is_some();
        match self.tail.or((!chosen).then_some(TAIL)) {
            Some(count) => {
                let mut last = Vec::new();
                let mut cursor = None;
                while last.len() < count {
                    let found = self.page(api, deployment, "backward", count - last.len(), cursor).await?;
                    last.extend(found.matches.into_iter().map(|found| found.entry));
                    cursor = found.cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
                Ok(printer.print(last.into_iter().rev())?)
            }
            None => {
                let mut cursor = None;
                loop {
                    let found = self.page(api, deployment, "forward", PAGE, cursor).await?;
                    printer.print(found.matches.into_iter().map(|found| found.entry))?;
                    cursor = found.cursor;
                    if cursor.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn text(&self) -> Option<&String> {
        self.search.as_ref().or(self.regex.as_ref())
    }

    async fn page(
        &self,
        api: &Api,
        deployment: &Deployment,
        direction: &str,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Found> {
        let path = format!("/deployments/{}/logs/search", deployment.deployment_id);
        let query = [
            ("text", self.search.clone()),
            ("regex", self.regex.clone()),
            ("caseSensitive", Some(self.case_sensitive.to_string())),
            ("level", self.level.map(|level| level.word().to_owned())),
            ("from", self.since.map(|since| since.to_string())),
            ("replica", self.replica.map(|replica| replica.to_string())),
            ("version", self.version.map(|version| version.to_string())),
            ("source", self.build.then(|| "build".to_owned())),
            ("direction", Some(direction.to_owned())),
            ("limit", Some(limit.min(PAGE).to_string())),
            ("cursor", cursor),
        ];
        api.get(&path, &query).await
    }
}

fn is_closed(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::BrokenPipe
}

/// `10m`, `2h`, `3d`: that long ago; otherwise a time.
fn since(text: &str) -> Result<Timestamp, String> {
    let ago = match text.strip_suffix('d') {
        Some(days) => days.parse().ok().map(|days: i64| SignedDuration::from_hours(24 * days)),
        None => text.parse::<SignedDuration>().ok(),
    };
    match ago {
        Some(ago) => Timestamp::now().checked_sub(ago).map_err(|_| "that is too long ago".to_owned()),
        None => text.parse().map_err(|_| "give 10m, 2h, 3d, or a time like 2026-01-31T12:00:00Z".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_given_as_people_say_them() {
        let hours = |text: &str| since(text).unwrap().duration_until(Timestamp::now()).as_hours();
        assert_eq!((hours("2h"), hours("3d"), hours("90m")), (2, 72, 1));
        assert_eq!(since("2026-01-31T12:00:00Z").unwrap().to_string(), "2026-01-31T12:00:00Z");
        assert!(since("yesterday").is_err() && since("999999999d").is_err());
    }
}
