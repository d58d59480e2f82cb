//! Commits, newest first.

use std::collections::HashMap;

use gix::{
    ObjectId, objs::tree::EntryMode, revision::walk::Sorting, traverse::commit::simple::CommitTimeOrder,
};
use headwater_model::ProjectId;

use crate::{Commit, Repositories, Result, path, refs};

/// Bytes of decoded objects kept during a walk, since neighbours share most of their trees.
const CACHE: usize = 16 << 20;

impl Repositories {
    /// The newest commits that a reference leads to, at most `limit`; with a path only those that changed it.
    /// A merge counts when its content differs from that of every parent.
    pub async fn commits(
        &self,
        project: &ProjectId,
        reference: &str,
        path: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Commit>> {
        let (reference, path) = (reference.to_owned(), path.unwrap_or_default().to_owned());
        self.with(project, move |repository| walk(repository, &reference, &path, limit)).await
    }
}

fn walk(mut repository: gix::Repository, reference: &str, path: &str, limit: usize) -> Result<Vec<Commit>> {
    repository.object_cache_size_if_unset(CACHE);
    let from = refs::resolve(&repository, reference)?.id;
    let mut content = Content { repository: &repository, path: path::parts(path)?, known: HashMap::new() };
    let newest_first = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let mut commits = Vec::new();
    for info in repository.rev_walk([from]).sorting(newest_first).all()? {
        if commits.len() >= limit {
            break;
        }
        let info = info?;
        if content.changed_by(info.id, &info.parent_ids)? {
            commits.push(refs::described(&info.object()?)?);
        }
    }
    Ok(commits)
}

/// What stands at a path, by commit.
struct Content<'a> {
    repository: &'a gix::Repository,
    path: Vec<&'a str>,
    known: HashMap<ObjectId, Option<(EntryMode, ObjectId)>>,
}

impl Content<'_> {
    fn changed_by(&mut self, commit: ObjectId, parents: &[ObjectId]) -> Result<bool> {
        if self.path.is_empty() {
            return Ok(true);
        }
        let now = self.at(commit)?;
        self.known.remove(&commit);
        if parents.is_empty() {
            return Ok(now.is_some());
        }
        for parent in parents {
            if self.at(*parent)? == now {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn at(&mut self, commit: ObjectId) -> Result<Option<(EntryMode, ObjectId)>> {
        if let Some(known) = self.known.get(&commit) {
            return Ok(*known);
        }
        let tree = self.repository.find_commit(commit)?.tree()?;
        let entry = tree.lookup_entry(self.path.iter().map(|part| part.as_bytes()))?;
        let content = entry.map(|entry| (entry.mode(), entry.object_id()));
        self.known.insert(commit, content);
        Ok(content)
    }
}
