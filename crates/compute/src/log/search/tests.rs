//! A search finds what looking at every line finds, whatever is asked, and whoever writes meanwhile.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{
    Budget, Direction, Keeping, Level, Levels, Stream,
    log::{LogWriter, line::write, read},
};

/// Much, for a search that only its end stops.
const MUCH: Budget = Budget { scanned: u64::MAX, answered: usize::MAX, time: Duration::from_secs(600) };

fn query() -> LogQuery {
    LogQuery {
        sources: Vec::new(),
        pattern: None,
        level: None,
        from: None,
        to: None,
        direction: Direction::Forward,
        after: None,
        context: 0,
        limit: usize::MAX,
        levels: true,
        budget: MUCH,
        cancelled: Default::default(),
    }
}

/// What a program wrote: pauses in milliseconds, outputs and texts.
type Written = Vec<(u16, bool, String)>;

fn written() -> impl Strategy<Value = Written> {
    let text = prop_oneof![
        6 => "[a-c ]{0,30}",
        1 => "[ \t]{1,2}[a-c ]{0,20}",
        1 => Just("Traceback (most recent call last):".to_owned()),
        1 => Just("  File \"x.py\", line 1".to_owned()),
        1 => Just("app.Oops: no".to_owned()),
        1 => Just("ERROR boom".to_owned()),
        1 => Just("[warning] hm".to_owned()),
        1 => Just("INFO b".to_owned()),
        1 => "\\PC{0,20}",
        1 => "[a-c]{300,900}",
    ];
    let pause = prop_oneof![3 => Just(0_u16), 1 => 0_u16..50];
    prop::collection::vec((pause, any::<bool>(), text), 0..120)
}

/// Logs on disk and the lines that they keep.
struct Logs {
    _dir: TempDir,
    folders: Vec<PathBuf>,
    lines: Vec<(usize, LogLine)>,
}

fn begin() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

impl Logs {
    fn write(all: &[Written]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (mut folders, mut lines) = (Vec::new(), Vec::new());
        for (source, written) in all.iter().enumerate() {
            let folder = dir.path().join(source.to_string());
            let of_log = log(&folder, written);
            lines.extend(of_log.into_iter().map(|line| (source, line)));
            folders.push(folder);
        }
        lines.sort_by_key(|(source, line)| (line.time, *source, line.offset));
        Self { _dir: dir, folders, lines }
    }

    /// What looking at every line finds.
    fn naive(&self, query: &LogQuery, wanted: impl Fn(&str) -> bool) -> Vec<LogMatch> {
        let of = |source: usize| self.lines.iter().filter(move |(of, _)| *of == source).map(|(_, line)| line);
        let is_wanted = |(_, line): &&(usize, LogLine)| {
            wanted(&line.text)
                && query.level.is_none_or(|least| line.level.is_some_and(|level| level >= least))
                && query.from.is_none_or(|from| line.time >= from)
                && query.to.is_none_or(|to| line.time < to)
        };
        let found = self.lines.iter().filter(is_wanted).map(|(source, line)| {
            let before: Vec<_> = of(*source).filter(|other| other.offset < line.offset).cloned().collect();
            let after = of(*source).filter(|other| other.offset > line.offset).take(query.context).cloned();
            LogMatch {
                source: *source,
                line: line.clone(),
                before: before[before.len().saturating_sub(query.context)..].to_vec(),
                after: after.collect(),
            }
        });
        let mut found: Vec<_> = found.collect();
        if query.direction == Direction::Backward {
            found.reverse();
        }
        found
    }
}

/// Writes a log that rolls and forgets; answers the lines that it keeps.
fn log(folder: &Path, written: &Written) -> Vec<LogLine> {
    let keeping = Keeping { run_bytes: 4_000, ..Keeping::default() };
    let mut writer = LogWriter::open(folder).unwrap().keeping(keeping, None).in_segments_of(900);
    let (mut lines, mut offset, mut time) = (Vec::new(), 0, begin());
    for (pause, err, text) in written {
        time += SignedDuration::from_millis(i64::from(*pause));
        let stream = if *err { Stream::Err } else { Stream::Out };
        let mut out = Vec::new();
        write(stream, text, false, time, &mut out);
        writer.append(&out).unwrap();
        lines.push(LogLine { offset, time, stream, level: None, text: text.clone() });
        offset += out.len() as u64;
    }
    let oldest = View::open(folder).unwrap().start();
    lines.retain(|line| line.offset >= oldest);
    let mut levels = Levels::default();
    for line in &mut lines {
        line.level = levels.next(line.offset, line.stream, &line.text);
    }
    lines
}

/// All that a search finds, call by call.
fn searched(logs: &Logs, mut query: LogQuery) -> Vec<LogMatch> {
    let mut all = Vec::new();
    loop {
        let found = search(&query, &logs.folders).unwrap();
        assert!(found.matches.len() <= query.limit);
        all.extend(found.matches);
        match found.next {
            None => return all,
            next => query.after = next,
        }
    }
}

fn level() -> impl Strategy<Value = Option<Level>> {
    prop::option::of(prop::sample::select(vec![Level::Debug, Level::Info, Level::Warning, Level::Error]))
}

proptest! {
    #[test]
    fn times_are_found(written in written(), at in 0_i64..1500, after in any::<bool>()) {
        let logs = Logs::write(&[written]);
        let time = begin() + SignedDuration::from_millis(at);
        let mut view = View::open(&logs.folders[0]).unwrap();
        let late = |line: &LogLine| if after { line.time > time } else { line.time >= time };
        let first = logs.lines.iter().find(|(_, line)| late(line)).map_or(view.end(), |(_, line)| line.offset);
        prop_assert_eq!(view.seek(time, after).unwrap(), first);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_looking_at_every_line_finds(
        written in prop::collection::vec(written(), 1..4),
        regex in prop::option::of(prop::sample::select(vec!["a", "^b", "c$", "b +c", "^$", r"\bout\b", "[^a]b", "x|ERROR", r"^\s+\w", "a.*a"])),
        level in level(),
        from in prop::option::of(0_i64..700),
        to in prop::option::of(0_i64..700),
        backward in any::<bool>(),
        context in 0_usize..4,
        limit in prop::sample::select(vec![1, 2, 7, 1000]),
        scanned in prop::sample::select(vec![0, 500, u64::MAX]),
        answered in prop::sample::select(vec![1, 1000, usize::MAX]),
    ) {
        let logs = Logs::write(&written);
        let at = |millis: i64| begin() + SignedDuration::from_millis(millis);
        let query = LogQuery {
            pattern: regex.map(|regex| Arc::new(Pattern::regex(regex, true).unwrap())),
            level,
            from: from.map(at),
            to: to.map(at),
            direction: if backward { Direction::Backward } else { Direction::Forward },
            context,
            limit,
            budget: Budget { scanned, answered, ..MUCH },
            ..query()
        };
        let single = regex.map(|regex| regex::Regex::new(regex).unwrap());
        let expected = logs.naive(&query, |text| single.as_ref().is_none_or(|regex| regex.is_match(text)));
        let found = searched(&logs, query);
        let places = |all: &[LogMatch]| all.iter().map(|one| (one.source, one.line.offset)).collect::<Vec<_>>();
        prop_assert_eq!(places(&found), places(&expected));
        prop_assert!(found == expected, "{:?}", found.iter().zip(&expected).find(|(found, expected)| found != expected));
    }
}

#[test]
fn a_search_ends_when_nobody_waits_for_it() {
    let line = |_| (1, false, "a".repeat(300));
    let logs = Logs::write(&[(0..20).map(line).collect()]);
    let nothing = Arc::new(Pattern::text("nothing", true).unwrap());
    let query = LogQuery { pattern: Some(nothing), ..query() };
    query.cancelled.cancel();
    let found = search(&query, &logs.folders).unwrap();
    assert!(!found.complete && found.next.is_some() && found.scanned < 2_000);
}

#[test]
fn a_line_that_is_being_written_is_not_found_yet() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    write(Stream::Out, "whole", false, begin(), &mut out);
    write(Stream::Out, "not whole", false, begin(), &mut out);
    out.pop();
    std::fs::create_dir_all(dir.path()).unwrap();
    std::fs::write(dir.path().join(format!("{:020}.log", 0)), &out).unwrap();
    let folders = [dir.path().to_owned()];
    assert_eq!(search(&query(), &folders).unwrap().matches.len(), 1);
    crate::log::end(dir.path()).unwrap();
    assert_eq!(search(&query(), &folders).unwrap().matches.len(), 2);
}

#[test]
fn a_log_that_is_not_there_holds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let found = search(&query(), &[dir.path().join("none")]).unwrap();
    assert!(found.matches.is_empty() && found.complete && found.next.is_none());
}

/// Reads along while segments roll and leave: each line once, in order, or counted as gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_sees_every_line_once_while_segments_leave() {
    const LINES: u64 = 20_000;
    let dir = tempfile::tempdir().unwrap();
    let keeping = Keeping { run_bytes: 20_000, ..Keeping::default() };
    let mut writer = LogWriter::open(dir.path()).unwrap().keeping(keeping, None).in_segments_of(2_000);
    let folder = dir.path().to_owned();
    let follower = tokio::spawn(async move {
        let (mut at, mut expected, mut gone) = (0_u64, 0, 0);
        loop {
            let chunk = read(&folder, at as i64, 5_000, Duration::from_secs(60)).await.unwrap();
            gone += chunk.offset - at;
            let mut lines = chunk.lines().peekable();
            if let Some(first) = lines.peek() {
                let number: u64 = first.text.trim().parse().unwrap();
                assert_eq!((number - expected) * LENGTH, chunk.offset - at, "what is missing is counted");
                expected = number;
            }
            for line in lines {
                assert_eq!(line.text.trim().parse(), Ok(expected));
                expected += 1;
            }
            at = chunk.next;
            if chunk.end {
                return (expected, gone);
            }
        }
    });
    for number in 0..LINES {
        let mut out = Vec::new();
        write(Stream::Out, &format!("{number:>10}"), false, writer.now(), &mut out);
        assert_eq!(out.len() as u64, LENGTH);
        writer.append(&out).unwrap();
    }
    crate::log::end(dir.path()).unwrap();
    let (seen, gone) = follower.await.unwrap();
    assert_eq!(seen, LINES);
    assert!(gone <= LINES * LENGTH);
}

/// Bytes of a line of ten characters.
const LENGTH: u64 = 43;

/// The lines of a program that writes no text, and a line of a hundred million bytes.
#[test]
fn binary_output_and_endless_lines_are_searched() {
    use crate::log::Lines;
    let dir = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(dir.path()).unwrap();
    let mut lines = Lines::new(Stream::Out);
    let piece = b"\x00\xff\xf0\x9f\x98\x80binary".repeat(1 << 10);
    let mut fed = 0;
    while fed < 100_000_000 {
        let mut out = Vec::new();
        lines.feed(&piece, writer.now(), &mut out);
        writer.append(&out).unwrap();
        fed += piece.len();
    }
    let mut out = Vec::new();
    lines.feed(b"\nneedle \xe2\x82\n", writer.now(), &mut out);
    writer.append(&out).unwrap();
    let pattern = Some(Arc::new(Pattern::text("needle", true).unwrap()));
    for direction in [Direction::Backward, Direction::Forward] {
        let query = LogQuery { pattern: pattern.clone(), direction, context: 1, ..query() };
        let found = search(&query, &[dir.path().to_owned()]).unwrap();
        assert_eq!(found.matches.len(), 1);
        assert_eq!(found.matches[0].line.text, "needle \u{fffd}");
        assert!(found.matches[0].before[0].text.contains("😀binary"));
    }
}
