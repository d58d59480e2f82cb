//! Where a reader stands in the output of a replica.

use std::{collections::BTreeMap, time::Duration};

use headwater_compute::{Attempt, Direction, Error as Refused, Levels, LogLine, LogSource, ReplicaId, Run};
use headwater_model::DeploymentId;
use jiff::Timestamp;

use super::{
    CHUNK, Choice, foreign,
    lines::{entry, levels_before, remark, signed},
    search::query,
};
use crate::{LogEntry, Result, core::Core};

/// What is shown of the past when no cursor is given, per replica.
const PAST: i64 = 64 * 1024;

/// The run that is read, and from where.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(super) version: u32,
    pub(super) attempt: u32,
    pub(super) offset: i64,
    pub(super) end: bool,
    /// What the next line may continue; nothing before the first is read.
    levels: Option<Levels>,
}

/// What was read at a place and is not told yet.
#[derive(Default)]
pub(super) struct Read {
    remark: Option<LogEntry>,
    lines: Vec<LogLine>,
    /// Older lines than what others have may follow at once.
    more: bool,
}

impl Place {
    pub(super) fn begin(attempt: &Attempt, offset: i64) -> Self {
        Self { version: attempt.replica.version, attempt: attempt.number, offset, end: false, levels: None }
    }

    pub(super) fn attempt(&self, deployment: DeploymentId, index: u32) -> Attempt {
        let replica = ReplicaId { deployment, version: self.version, index };
        Attempt { replica, number: self.attempt }
    }

    fn is_before(&self, attempt: &Attempt) -> bool {
        (self.version, self.attempt) < (attempt.replica.version, attempt.number)
    }

    /// Reads a chunk; a run that ended is followed by the next of the `attempts`, which are those that are wanted.
    pub(super) async fn read(
        &mut self,
        core: &Core,
        deployment: DeploymentId,
        index: u32,
        attempts: &[Attempt],
    ) -> Result<Read> {
        loop {
            let later = attempts.iter().filter(|later| later.replica.index == index && self.is_before(later));
            let next = later.min_by_key(|later| (later.replica.version, later.number));
            if !self.end
                && let Some(read) = self.read_run(core, deployment, index, next.is_some()).await?
            {
                return Ok(read);
            }
            match next {
                Some(next) if self.end => *self = Self::begin(next, 0),
                _ => return Ok(Read::default()),
            }
        }
    }

    async fn read_run(
        &mut self,
        core: &Core,
        deployment: DeploymentId,
        index: u32,
        followed: bool,
    ) -> Result<Option<Read>> {
        let attempt = self.attempt(deployment, index);
        let source = LogSource::Run(attempt.clone());
        let chunk = match core.runtime.log(&source, self.offset, CHUNK, Duration::ZERO).await {
            Ok(chunk) => chunk,
            Err(Refused::UnknownLog) => {
                // Older output leaves; what follows it is still there.
                self.end = true;
                let text = format!("the output of attempt {} is not kept any more", self.attempt);
                let remark = Some(remark(text, Timestamp::now(), &attempt));
                return Ok(Some(Read { remark, ..Read::default() }));
            }
            Err(error) => return Err(error.into()),
        };
        let lines: Vec<_> = chunk.lines().collect();
        let gone = u64::try_from(self.offset).map_or(0, |asked| chunk.offset.saturating_sub(asked));
        let time = lines.first().map_or_else(Timestamp::now, |line| line.time);
        let remark = (gone > 0)
            .then(|| remark(format!("{gone} bytes of older output are not kept any more"), time, &attempt));
        if self.levels.is_none() || gone > 0 {
            self.levels = Some(levels_before(core, &source, chunk.offset).await?);
        }
        self.offset = signed(chunk.next);
        self.end = chunk.end;
        let more = chunk.left > 0 || chunk.end && followed;
        let nothing = lines.is_empty() && remark.is_none();
        Ok((!nothing).then_some(Read { remark, lines, more }))
    }

    /// Tells what was read up to `horizon`; the rest is read again.
    pub(super) fn tell(
        &mut self,
        read: Read,
        attempt: &Attempt,
        horizon: Option<Timestamp>,
        to: &mut Vec<LogEntry>,
    ) {
        to.extend(read.remark);
        let levels = self.levels.get_or_insert_default();
        for mut line in read.lines {
            if horizon.is_some_and(|horizon| line.time > horizon) {
                (self.offset, self.end) = (signed(line.offset), false);
                return;
            }
            line.level = levels.next(line.offset, line.stream, &line.text);
            to.push(entry(line, Some(attempt)));
        }
    }
}

impl Read {
    /// Nothing newer is to be told yet: what follows may be older.
    pub(super) fn horizon(&self) -> Option<Timestamp> {
        self.lines.last().filter(|_| self.more).map(|line| line.time)
    }
}

/// The newest wanted run of each replica of the newest version, but for its last 64 KiB.
pub(super) fn newest(attempts: &[Attempt], choice: &Choice) -> BTreeMap<u32, Place> {
    let wanted = || attempts.iter().filter(|attempt| choice.wants(attempt));
    let version = wanted().map(|attempt| attempt.replica.version).max();
    let mut at = BTreeMap::new();
    for attempt in wanted().filter(|attempt| Some(attempt.replica.version) == version) {
        let place = at.entry(attempt.replica.index).or_insert_with(|| Place::begin(attempt, -PAST));
        if place.is_before(attempt) {
            *place = Place::begin(attempt, -PAST);
        }
    }
    at
}

/// By replica the first line that was written at `from` or later.
pub(super) async fn since(
    core: &Core,
    deployment: DeploymentId,
    choice: &Choice,
    from: Timestamp,
) -> Result<BTreeMap<u32, Place>> {
    let runs = core.runtime.runs(deployment).await?;
    let mut at: BTreeMap<u32, Place> = BTreeMap::new();
    for run in runs.into_iter().filter(|run| choice.wants(&run.attempt)) {
        let over = |run: &Run| run.ended && run.written.is_none_or(|(_, last)| last < from);
        let earlier = |place: &Place| place.is_before(&run.attempt);
        let index = run.attempt.replica.index;
        if !over(&run) && !at.get(&index).is_some_and(earlier) {
            at.insert(index, begin_at(core, &run.attempt, from).await?);
        }
    }
    Ok(at)
}

async fn begin_at(core: &Core, attempt: &Attempt, from: Timestamp) -> Result<Place> {
    let source = LogSource::Run(attempt.clone());
    let first = headwater_compute::LogQuery {
        from: Some(from),
        direction: Direction::Forward,
        limit: 1,
        levels: false,
        ..query(vec![source.clone()])
    };
    let found = core.runtime.search(first).await?.matches.pop();
    let offset = match found {
        Some(found) => found.line.offset,
        None => core.runtime.log(&source, i64::MAX, 1, Duration::ZERO).await?.next,
    };
    Ok(Place::begin(attempt, signed(offset)))
}

/// Places as text.
pub(super) fn write(at: &BTreeMap<u32, Place>) -> String {
    let place = |(index, place): (&u32, &Place)| {
        format!("{index}.{}.{}:{}", place.version, place.attempt, place.offset)
    };
    at.iter().map(place).collect::<Vec<_>>().join(",")
}

/// Places out of text.
pub(super) fn parse(cursor: &str, choice: &Choice) -> Result<BTreeMap<u32, Place>> {
    let place = |part: &str| {
        let (run, offset) = part.split_once(':')?;
        let mut numbers = run.split('.').map(|number| number.parse().ok());
        let (index, version, attempt) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let other = |wanted: Option<u32>, found: u32| wanted.is_some_and(|wanted| wanted != found);
        if other(choice.version, version) || other(choice.attempt, attempt) {
            return None;
        }
        let offset = offset.parse().ok()?;
        Some((index, Place { version, attempt, offset, end: false, levels: None }))
    };
    let places: Option<_> = cursor.split(',').filter(|part| !part.is_empty()).map(place).collect();
    places.ok_or_else(|| foreign().into())
}
