//! Which lines of a live log are shown: those that a search would find.

use anyhow::{Context, Result};
use clap::ValueEnum;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::{Entry, Logs};

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loudness {
    Debug,
    Info,
    Warning,
    Error,
}

impl Loudness {
    /// As the API has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a line must be.
pub(super) struct Filter {
    level: Option<Loudness>,
    pattern: Option<Regex>,
}

impl Filter {
    pub(super) fn new(asked: &Logs) -> Result<Self> {
        let expression = asked.search.as_deref().map(regex::escape).or_else(|| asked.regex.clone());
        let pattern = expression
            .map(|expression| RegexBuilder::new(&expression).case_insensitive(!asked.case_sensitive).build());
        let pattern = pattern.transpose().context("--regex cannot be understood")?;
        Ok(Self { level: asked.level, pattern })
    }

    pub(super) fn wants(&self, entry: &Entry) -> bool {
        self.level.is_none_or(|least| entry.level.is_some_and(|level| level >= least))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&entry.text))
    }
}
