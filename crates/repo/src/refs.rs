//! Branches, tags, and what a reference means.

use std::collections::{BTreeMap, HashSet};

use gix::{bstr::ByteSlice, hash::Prefix, refs::FullName};
use headwater_model::ProjectId;
use jiff::Timestamp;

use crate::{Branch, Commit, Error, Repositories, Result, Tag};

/// Digits of a commit's hash, and the fewest that may stand for it.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=40;

impl Repositories {
    /// All branches, by name.
    pub async fn branches(&self, project: &ProjectId) -> Result<Vec<Branch>> {
        let found = self.with(project, |repository| list(&repository, "refs/heads/")).await?;
        Ok(found.into_iter().map(|(name, commit)| Branch { name, commit }).collect())
    }

    /// All tags that lead to a commit, by name; annotated tags are followed.
    pub async fn tags(&self, project: &ProjectId) -> Result<Vec<Tag>> {
        let found = self.with(project, |repository| list(&repository, "refs/tags/")).await?;
        Ok(found.into_iter().map(|(name, commit)| Tag { name, commit }).collect())
    }

    /// The newest commit of a branch; none when there is no such branch.
    pub async fn head(&self, project: &ProjectId, branch: &str) -> Result<Option<String>> {
        let name = format!("refs/heads/{branch}");
        self.with(
            project,
            move |repository| Ok(find(&repository, &name)?.map(|commit| commit.id.to_string())),
        )
        .await
    }

    /// The commit that a reference means: a full hash, a branch, a tag (both also by their full names `refs/…`), or at
    /// least 7 digits of a hash; the first of these that stands.
    pub async fn resolve(&self, project: &ProjectId, reference: &str) -> Result<Commit> {
        let reference = reference.to_owned();
        self.with(project, move |repository| described(&resolve(&repository, &reference)?)).await
    }

    /// Where every reference points, to see whether one moved.
    pub(crate) async fn snapshot(&self, project: &ProjectId) -> Result<BTreeMap<String, String>> {
        self.with(project, |repository| {
            let mut all = BTreeMap::new();
            for reference in repository.references()?.all()? {
                let reference = reference?;
                let id = reference.try_id().map(|id| id.to_string()).unwrap_or_default();
                all.insert(reference.name().as_bstr().to_string(), id);
            }
            Ok(all)
        })
        .await
    }
}

/// A branch's full name, when it can be one.
pub(crate) fn branch(name: &str) -> Result<FullName> {
    let bad = || Error::Invalid(format!("'{name}' cannot be the name of a branch"));
    if name.starts_with('-') || name == "HEAD" {
        return Err(bad());
    }
    FullName::try_from(format!("refs/heads/{name}")).map_err(|_| bad())
}

/// The commit that a full name (`refs/…`) leads to.
pub(crate) fn find<'repo>(
    repository: &'repo gix::Repository,
    name: &str,
) -> Result<Option<gix::Commit<'repo>>> {
    let Ok(name) = FullName::try_from(name) else { return Ok(None) };
    let found = repository.try_find_reference(&name)?;
    // Git also looks in other places for a name that is not there; those were not asked for.
    let found = found.filter(|found| found.name() == name.as_ref());
    Ok(found.and_then(|mut found| found.peel_to_commit().ok()))
}

/// The commit that a reference means.
pub(crate) fn resolve<'repo>(
    repository: &'repo gix::Repository,
    reference: &str,
) -> Result<gix::Commit<'repo>> {
    let digits = DIGITS.contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits && reference.len() == *DIGITS.end() {
        let commit = by_digits(repository, reference)?;
        return commit.ok_or_else(|| Error::NotFound(format!("there is no commit '{reference}'")));
    }
    let names = match reference.starts_with("refs/") {
        true => vec![reference.to_owned()],
        false => vec![format!("refs/heads/{reference}"), format!("refs/tags/{reference}")],
    };
    for name in names {
        if let Some(commit) = find(repository, &name)? {
            return Ok(commit);
        }
    }
    let commit = if digits { by_digits(repository, reference)? } else { None };
    commit.ok_or_else(|| Error::NotFound(format!("there is no branch, tag or commit '{reference}'")))
}

fn by_digits<'repo>(repository: &'repo gix::Repository, digits: &str) -> Result<Option<gix::Commit<'repo>>> {
    let prefix = Prefix::from_hex(digits)?;
    let mut candidates = HashSet::new();
    repository.objects.lookup_prefix(prefix, Some(&mut candidates))?;
    let mut commits = Vec::new();
    for id in candidates {
        if repository.find_header(id)?.kind() == gix::object::Kind::Commit {
            commits.push(repository.find_commit(id)?);
        }
    }
    match commits.len() {
        0 | 1 => Ok(commits.pop()),
        n => Err(Error::Invalid(format!("{n} commits begin with '{digits}'; give more digits"))),
    }
}

/// The commit for readers outside.
pub(crate) fn described(commit: &gix::Commit<'_>) -> Result<Commit> {
    let author = commit.author()?.trim();
    let seconds = commit.time()?.seconds;
    Ok(Commit {
        id: commit.id.to_string(),
        message: commit.message_raw()?.to_str_lossy().trim_end().to_owned(),
        author_name: author.name.to_str_lossy().into_owned(),
        author_email: author.email.to_str_lossy().into_owned(),
        // A clock far beyond any calendar says nothing better than the beginning.
        time: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

fn list(repository: &gix::Repository, prefix: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for reference in repository.references()?.prefixed(prefix)? {
        let mut reference = reference?;
        let name = reference.name().shorten().to_str_lossy().into_owned();
        if let Ok(commit) = reference.peel_to_commit() {
            found.insert(name, commit.id.to_string());
        }
    }
    Ok(found)
}
