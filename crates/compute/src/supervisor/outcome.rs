//! How a program ended, and why, in words.

use std::collections::VecDeque;

use jiff::Timestamp;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::{
    Exit,
    limits::{Held, Incidents},
};

/// Lines of errors that are looked through for the cause.
const REMEMBERED: usize = 40;
/// What programs say when the system gives them no more memory.
const SHORT_OF_MEMORY: &[&str] = &[
    "MemoryError",
    "memory exhausted",
    "out of memory",
    "Cannot allocate memory",
    "bad_alloc",
    "OutOfMemory",
];

/// How a program ended, as its init saw it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    /// Why it could not be started.
    pub(super) error: Option<String>,
}

impl Outcome {
    pub(super) fn killed() -> Self {
        Self { signal: Some(Signal::KILL.as_raw()), ..Self::default() }
    }

    pub(super) fn failed(error: impl ToString) -> Self {
        Self { error: Some(error.to_string()), ..Self::default() }
    }
}

/// The last lines of errors, in which the cause of an end is looked for.
#[derive(Default)]
pub(super) struct Causes(VecDeque<String>);

impl Causes {
    pub(super) fn remember(&mut self, written: &[u8]) {
        let text = String::from_utf8_lossy(written);
        for line in
            text.lines().filter_map(|line| line.splitn(3, ' ').nth(2)).filter(|line| !line.trim().is_empty())
        {
            if self.0.len() == REMEMBERED {
                self.0.pop_front();
            }
            self.0.push_back(line.chars().take(400).collect());
        }
    }

    /// The line that names the error, as interpreters write it: unindented, `SomethingError: …`.
    fn cause(&self) -> Option<&str> {
        let names = |line: &&String| {
            let name = line.split(':').next().unwrap_or_default();
            line.contains(':')
                && !name.contains(' ')
                && (name.ends_with("Error") || name.ends_with("Exception"))
        };
        self.0.iter().rev().find(names).or(self.0.back()).map(String::as_str)
    }
}

/// What is known about an end beside the outcome.
pub(super) struct Circumstances<'a> {
    pub(super) causes: &'a Causes,
    pub(super) held: &'a Held,
    pub(super) incidents: Incidents,
    pub(super) verdict: Option<Verdict>,
}

/// For people and records.
pub(super) fn exit(outcome: &Outcome, circumstances: &Circumstances<'_>) -> Exit {
    let at = Timestamp::now();
    if let Some(Verdict { reason, out_of_memory }) = circumstances.verdict.clone() {
        // It did not end by itself, whatever it made of being asked to.
        let signal = outcome.signal.or(Some(Signal::TERM.as_raw()));
        return Exit { code: None, signal, out_of_memory, reason, at };
    }
    let short = out_of_memory(outcome, circumstances);
    let (out_of_memory, reason) = match short {
        Some(reason) => (true, reason),
        None => (false, reason(outcome, circumstances)),
    };
    Exit { code: outcome.code, signal: outcome.signal, out_of_memory, reason, at }
}

/// How it ran out of memory, if it did.
fn out_of_memory(outcome: &Outcome, circumstances: &Circumstances<'_>) -> Option<String> {
    let Circumstances { causes, held, incidents, .. } = circumstances;
    let asked = outcome.signal == Some(Signal::TERM.as_raw());
    if outcome.code == Some(0) || outcome.error.is_some() || asked {
        return None;
    }
    if let Some(reason) = held.out_of_memory(*incidents) {
        return Some(reason);
    }
    // Without a group that holds memory the kernel refuses it instead, and the program says so.
    let said = |cause: &str| SHORT_OF_MEMORY.iter().any(|words| cause.contains(words));
    let refused = !held.group.holds_memory() && causes.cause().is_some_and(said);
    refused.then(|| format!("out of memory: {}", reason(outcome, circumstances)))
}

fn reason(outcome: &Outcome, Circumstances { causes, held, incidents, .. }: &Circumstances<'_>) -> String {
    let cause = causes.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
    let reason = match (outcome.code, outcome.signal, &outcome.error) {
        (_, _, Some(error)) => error.clone(),
        (Some(0), _, _) => return "exit code 0".to_owned(),
        (Some(code), _, _) => format!("exit code {code}{cause}"),
        (None, Some(signal), _) => {
            format!("killed by {}{}", signal_name(signal), if signal == 9 { "" } else { &cause })
        }
        (None, None, None) => "ended without a status".to_owned(),
    };
    match incidents.forks_refused {
        0 => reason,
        _ => format!("{reason}; it had reached its limit of {} processes and threads", held.asked.processes),
    }
}

fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL (illegal instruction)",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE (arithmetic error)",
        9 => "SIGKILL",
        11 => "SIGSEGV (invalid memory access)",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU (CPU limit)",
        25 => "SIGXFSZ (file size limit)",
        31 => "SIGSYS (forbidden system call)",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Asked, Group};

    #[test]
    fn the_cause_is_the_line_that_names_the_error() {
        let mut causes = Causes::default();
        causes.remember(b"t err Traceback (most recent call last):\nt err   File \"x\"\nt err ModuleNotFoundError: No module named 'pandas'\nt err \n");
        let outcome = Outcome { code: Some(1), ..Outcome::default() };
        let held = held();
        assert_eq!(
            exit(&outcome, &plain(&held, &causes)).reason,
            "exit code 1: ModuleNotFoundError: No module named 'pandas'"
        );
        let outcome = Outcome { signal: Some(11), ..Outcome::default() };
        assert!(exit(&outcome, &plain(&held, &Causes::default())).reason.starts_with("killed by SIGSEGV"));
    }

    fn held() -> Held {
        Held { asked: Asked::of_replica(200, 256), group: Group::default(), uid: None }
    }

    fn plain<'a>(held: &'a Held, causes: &'a Causes) -> Circumstances<'a> {
        Circumstances { causes, held, incidents: Incidents::default(), verdict: None }
    }

    #[test]
    fn a_limit_that_was_reached_is_named() {
        let (held, causes) = (held(), Causes::default());
        let with = |incidents| Circumstances { incidents, ..plain(&held, &causes) };
        let killed = Outcome::killed();
        let own = Incidents { out_of_memory: 1, by_own_limit: true, forks_refused: 0 };
        let end = exit(&killed, &with(own));
        assert_eq!((end.out_of_memory, &*end.reason), (true, "out of memory: it used more than its 256 MB"));
        let end = exit(&killed, &with(Incidents { by_own_limit: false, ..own }));
        assert!(end.out_of_memory && end.reason.contains("machine"), "{}", end.reason);
        let well = Outcome { code: Some(0), ..Outcome::default() };
        assert!(!exit(&well, &with(own)).out_of_memory, "it got along without what was ended");
        let failed = Outcome { code: Some(2), ..Outcome::default() };
        let end = exit(&failed, &with(Incidents { forks_refused: 3, ..Incidents::default() }));
        let limit = held.asked.processes;
        assert_eq!(
            end.reason,
            format!("exit code 2; it had reached its limit of {limit} processes and threads")
        );
        let verdict = Verdict { reason: "too much".into(), out_of_memory: false };
        let end = exit(&well, &Circumstances { verdict: Some(verdict), ..with(own) });
        assert!(!end.success() && end.reason == "too much", "{end:?}");
    }
}
