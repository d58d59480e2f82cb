//! Looking for lines in all output that is kept.

use std::{sync::Arc, time::Duration};

use headwater_compute::{
    Attempt, Budget, Direction, Level, LogFound, LogPosition, LogQuery, LogSource, Pattern, ReplicaId,
};
use headwater_model::{DeploymentId, Invalid};
use jiff::Timestamp;

use super::{Choice, foreign, lines::entry};
use crate::{LogEntry, Result, core::Core};

/// What one call does at most.
const BUDGET: Budget = Budget { scanned: 16 << 30, answered: 4 << 20, time: Duration::from_millis(900) };
/// The longest text or expression.
const LONGEST: usize = 1000;

/// What is looked for. All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct SearchLogs {
    /// Lines that hold this.
    pub text: Option<String>,
    /// Lines that this expression matches.
    pub regex: Option<String>,
    /// Whether capital letters differ from small ones.
    pub case_sensitive: bool,
    /// This loud or louder.
    pub level: Option<Level>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Whose output.
    pub choice: Choice,
    /// The newest or the oldest first.
    pub direction: Direction,
    /// Lines shown on both sides of what is found.
    pub context: usize,
    /// Lines found at most.
    pub limit: usize,
    /// Where an earlier call stopped.
    pub cursor: Option<String>,
}

/// A line that was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LogMatch {
    /// The line.
    pub entry: LogEntry,
    /// Those before it in the same run, in the order in which they were written.
    pub before: Vec<LogEntry>,
    /// Those after it.
    pub after: Vec<LogEntry>,
}

/// What a call found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogMatches {
    /// Lines, in the order that was asked for.
    pub matches: Vec<LogMatch>,
    /// Where to go on; nothing when there is no more.
    pub cursor: Option<String>,
    /// Bytes that were looked through.
    pub scanned_bytes: u64,
    /// The call's bounds did not end it.
    pub complete: bool,
}

/// Everything that `sources` hold, in pieces.
pub(super) fn query(sources: Vec<LogSource>) -> LogQuery {
    LogQuery {
        sources,
        pattern: None,
        level: None,
        from: None,
        to: None,
        direction: Direction::Forward,
        after: None,
        context: 0,
        limit: usize::MAX,
        levels: true,
        budget: BUDGET,
        cancelled: Default::default(),
    }
}

/// The runs that are meant, in the order in which lines of the same time are told.
pub(super) async fn runs(core: &Core, deployment: DeploymentId, choice: &Choice) -> Result<Vec<LogSource>> {
    let mut attempts = core.runtime.attempts(deployment).await?;
    attempts.retain(|attempt| choice.wants(attempt));
    attempts.sort();
    Ok(attempts.into_iter().map(LogSource::Run).collect())
}

/// Looks for lines in the runs of a deployment, or in `build`.
pub(in crate::deployments) async fn search(
    core: &Core,
    deployment: DeploymentId,
    build: Option<Option<String>>,
    asked: SearchLogs,
) -> Result<LogMatches> {
    let mut sources = match build {
        None => runs(core, deployment, &asked.choice).await?,
        Some(build) => build.map(LogSource::Build).into_iter().collect(),
    };
    let after = match asked.cursor.as_deref() {
        Some(cursor) => Some(position(cursor, deployment, &mut sources).ok_or_else(foreign)?),
        None => None,
    };
    let query = LogQuery {
        pattern: pattern(&asked)?,
        level: asked.level,
        from: asked.from,
        to: asked.to,
        direction: asked.direction,
        after,
        context: asked.context,
        limit: asked.limit,
        ..query(sources.clone())
    };
    let found = core.runtime.search(query).await?;
    Ok(told(found, &sources))
}

fn pattern(asked: &SearchLogs) -> Result<Option<Arc<Pattern>>> {
    let (field, given, pattern) = match (&asked.text, &asked.regex) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(Invalid::new("regex", "and text: give one of them").into()),
        (Some(text), None) => ("text", text, Pattern::text(text, asked.case_sensitive)),
        (None, Some(regex)) => ("regex", regex, Pattern::regex(regex, asked.case_sensitive)),
    };
    if given.len() > LONGEST {
        return Err(Invalid::new(field, format!("has more than {LONGEST} bytes")).into());
    }
    match pattern {
        Ok(pattern) => Ok(Some(Arc::new(pattern))),
        Err(reason) => Err(Invalid::new(field, format!("cannot be understood: {reason}")).into()),
    }
}

fn told(found: LogFound, sources: &[LogSource]) -> LogMatches {
    let run = |source: usize| match &sources[source] {
        LogSource::Run(attempt) => Some(attempt),
        LogSource::Build(_) => None,
    };
    let one = |found: headwater_compute::LogMatch| {
        let attempt = run(found.source);
        let all = |lines: Vec<_>| lines.into_iter().map(|line| entry(line, attempt)).collect();
        LogMatch { entry: entry(found.line, attempt), before: all(found.before), after: all(found.after) }
    };
    LogMatches {
        cursor: found.next.map(|next| cursor(&next, run(next.source))),
        matches: found.matches.into_iter().map(one).collect(),
        scanned_bytes: found.scanned,
        complete: found.complete,
    }
}

/// `TIME.OFFSET`, and for runs `.VERSION.REPLICA.RUN`.
fn cursor(next: &LogPosition, attempt: Option<&Attempt>) -> String {
    let place = format!("{}.{}", next.time.as_microsecond(), next.offset);
    match attempt {
        Some(Attempt { replica, number }) => {
            format!("{place}.{}.{}.{number}", replica.version, replica.index)
        }
        None => place,
    }
}

/// The place that a cursor names among the sources. A run that has left since is put back among them: it holds
/// nothing, and its place is still between those of others.
fn position(cursor: &str, deployment: DeploymentId, sources: &mut Vec<LogSource>) -> Option<LogPosition> {
    let mut parts = cursor.split('.');
    let time = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
    let offset = parts.next()?.parse().ok()?;
    let rest: Option<Vec<u32>> = parts.map(|part| part.parse().ok()).collect();
    let source = match rest?[..] {
        [] => (!sources.iter().any(|source| matches!(source, LogSource::Run(_)))).then_some(0)?,
        [version, index, number] => {
            let attempt = Attempt { replica: ReplicaId { deployment, version, index }, number };
            let before = |source: &LogSource| matches!(source, LogSource::Run(run) if *run < attempt);
            let at = sources.partition_point(before);
            let run = LogSource::Run(attempt);
            if sources.iter().any(|source| matches!(source, LogSource::Build(_))) {
                return None;
            }
            if sources.get(at) != Some(&run) {
                sources.insert(at, run);
            }
            at
        }
        _ => return None,
    };
    Some(LogPosition { time, source, offset })
}
