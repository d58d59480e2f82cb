//! How a program ended, and why, in words.

use std::collections::VecDeque;

use jiff::Timestamp;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::Exit;

/// Lines of errors that are looked through for the cause.
const REMEMBERED: usize = 40;

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

/// For people and records.
pub(super) fn exit(outcome: &Outcome, causes: &Causes) -> Exit {
    let cause = causes.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
    let reason = match (outcome.code, outcome.signal, &outcome.error) {
        (_, _, Some(error)) => error.clone(),
        (Some(0), _, _) => "exit code 0".to_owned(),
        (Some(code), _, _) => format!("exit code {code}{cause}"),
        (None, Some(signal), _) => {
            format!("killed by {}{}", signal_name(signal), if signal == 9 { "" } else { &cause })
        }
        (None, None, None) => "ended without a status".to_owned(),
    };
    Exit { code: outcome.code, signal: outcome.signal, out_of_memory: false, reason, at: Timestamp::now() }
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

    #[test]
    fn the_cause_is_the_line_that_names_the_error() {
        let mut causes = Causes::default();
        causes.remember(b"t err Traceback (most recent call last):\nt err   File \"x\"\nt err ModuleNotFoundError: No module named 'pandas'\nt err \n");
        let outcome = Outcome { code: Some(1), ..Outcome::default() };
        assert_eq!(
            exit(&outcome, &causes).reason,
            "exit code 1: ModuleNotFoundError: No module named 'pandas'"
        );
        let outcome = Outcome { signal: Some(11), ..Outcome::default() };
        assert!(exit(&outcome, &Causes::default()).reason.starts_with("killed by SIGSEGV"));
    }
}
