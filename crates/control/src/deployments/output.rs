//! What callers ask of the output of deployments.

use std::time::Duration;

use headwater_compute::{Attempt, LogSource, Run};
use headwater_model::{Action, DeploymentId, Principal};
use jiff::{SignedDuration, Timestamp};

use super::{Begin, Choice, Deployments, LogMatches, LogPage, Pieces, SearchLogs, Tail, find, launch, logs};
use crate::Result;

/// What is to be told as a whole.
#[derive(Debug, Clone, Default)]
pub struct Download {
    /// Whose output.
    pub choice: Choice,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// A run as callers read it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentRun {
    /// `{deployment name as a slug}-{version}-{index}`.
    pub replica_name: String,
    /// It goes on, or it is the newest of its replica.
    pub current: bool,
    /// What is known of it.
    pub run: Run,
}

impl Deployments {
    /// The runs whose output is kept, oldest first.
    pub async fn runs(&self, who: &Principal, id: DeploymentId) -> Result<Vec<DeploymentRun>> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let all = self.core.runtime.runs(id).await?;
        let newest = |run: &Run| {
            let replica = &run.attempt.replica;
            let later = |other: &Run| {
                let of = &other.attempt;
                of.replica.index == replica.index
                    && (of.replica.version, of.number) > (replica.version, run.attempt.number)
            };
            !all.iter().any(later)
        };
        let told = all.iter().map(|run| DeploymentRun {
            replica_name: launch::replica_name(&row.spec.name, &run.attempt.replica),
            current: !run.ended && newest(run),
            run: run.clone(),
        });
        Ok(told.collect())
    }

    /// Output of the newest runs, of all replicas or one, from where `begin` says. When there is nothing new it waits at
    /// most `wait`.
    pub async fn log(
        &self,
        who: &Principal,
        id: DeploymentId,
        choice: Choice,
        begin: Begin<'_>,
        wait: Duration,
    ) -> Result<LogPage> {
        find(&self.core, who, Action::Read, id).await?;
        Tail::of_runs(&self.core, id, choice, begin).await?.read(&self.core, wait).await
    }

    /// The whole build log of the version that should run or of another, in pieces; empty before the build begins.
    pub async fn build_log(&self, who: &Principal, id: DeploymentId, asked: Download) -> Result<Pieces> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let build = logs::build_of(&self.core, &row, asked.choice.version).await?;
        let sources = build.map(LogSource::Build).into_iter().collect();
        let to = asked.to.unwrap_or_else(Timestamp::now);
        Ok(logs::whole(self.core.clone(), sources, asked.from, to))
    }

    /// The whole kept output of runs in the order of time, in pieces. What is written meanwhile is not chased: a busy log
    /// would never end.
    pub async fn output(&self, who: &Principal, id: DeploymentId, asked: Download) -> Result<Pieces> {
        find(&self.core, who, Action::Read, id).await?;
        let mut runs = self.core.runtime.runs(id).await?;
        runs.retain(|run| asked.choice.wants(&run.attempt));
        // Where the clock was set back lines are of a time that is still to come.
        let newest = runs.iter().filter_map(|run| run.written.map(|(_, last)| last)).max();
        let after = |time: Timestamp| time.saturating_add(SignedDuration::from_micros(1)).unwrap_or(time);
        let now = newest.map(after).into_iter().chain([Timestamp::now()]).max();
        let to = asked.to.or(now).unwrap_or(Timestamp::MAX);
        let mut attempts: Vec<Attempt> = runs.into_iter().map(|run| run.attempt).collect();
        attempts.sort();
        let sources = attempts.into_iter().map(LogSource::Run).collect();
        Ok(logs::whole(self.core.clone(), sources, asked.from, to))
    }

    /// Looks for lines in the output of runs.
    pub async fn search(&self, who: &Principal, id: DeploymentId, asked: SearchLogs) -> Result<LogMatches> {
        find(&self.core, who, Action::Read, id).await?;
        logs::search(&self.core, id, None, asked).await
    }

    /// Looks for lines in the build log of the version that should run, or of another.
    pub async fn search_build(
        &self,
        who: &Principal,
        id: DeploymentId,
        asked: SearchLogs,
    ) -> Result<LogMatches> {
        let row = find(&self.core, who, Action::Read, id).await?;
        let build = logs::build_of(&self.core, &row, asked.choice.version).await?;
        logs::search(&self.core, id, Some(build), asked).await
    }
}
