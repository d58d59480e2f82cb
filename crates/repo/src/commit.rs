//! Commits that the platform makes.

use std::collections::BTreeSet;

use gix::{
    ObjectId,
    actor::Signature,
    bstr::ByteSlice,
    objs::{Write as _, tree::EntryKind},
    refs::{
        FullName, Target,
        transaction::{PreviousValue, RefEdit},
    },
};
use headwater_model::ProjectId;

use crate::{Change, Error, Pushed, Repositories, Result, disk, path, refs};

impl Repositories {
    /// Commits changes on top of a branch and answers with the new commit; when they change nothing, with the branch's
    /// own. The commit survives a power cut once this returns. Conflict when the branch moved meanwhile.
    ///
    /// Paths must differ and none may lie below another. `author` is a name and an e-mail address.
    pub async fn commit_files(
        &self,
        project: &ProjectId,
        branch: &str,
        message: &str,
        author: (&str, &str),
        changes: Vec<Change>,
    ) -> Result<String> {
        let name = refs::branch(branch)?;
        if message.trim().is_empty() {
            return Err(Error::Invalid("a commit needs a message".into()));
        }
        let (message, author) = (format!("{}\n", message.trim_end()), signature(author));
        let (before, after) = self
            .with(project, move |repository| {
                let before = head(&repository, &name)?
                    .ok_or_else(|| Error::NotFound(format!("there is no branch '{}'", name.shorten())))?;
                let after = commit(repository, &name, Some(before), &message, author, &changes)?;
                Ok((before, after))
            })
            .await?;
        if before != after {
            // Nobody may be listening.
            let _ = self.pushed.send(Pushed { project: project.clone() });
        }
        Ok(after.to_string())
    }
}

/// The first commit of a repository.
pub(crate) fn begin(repository: gix::Repository, branch: &FullName, changes: &[Change]) -> Result<ObjectId> {
    let author = signature(("Headwater", "headwater@localhost"));
    commit(repository, branch, None, "Begin the project\n", author, changes)
}

fn commit(
    repository: gix::Repository,
    branch: &FullName,
    parent: Option<ObjectId>,
    message: &str,
    author: Signature,
    changes: &[Change],
) -> Result<ObjectId> {
    // Objects are collected, so that only what the commit needs is written, and synced before the branch moves.
    let mut repository = repository.with_object_memory();
    let base = match parent {
        Some(parent) => repository.find_commit(parent)?.tree_id()?.detach(),
        None => ObjectId::empty_tree(repository.object_hash()),
    };
    let tree = edit(&repository, base, changes)?;
    if let Some(parent) = parent
        && tree == base
    {
        return Ok(parent);
    }
    let commit = repository.write_object(gix::objs::Commit {
        tree,
        parents: parent.into_iter().collect(),
        author: author.clone(),
        committer: author,
        encoding: None,
        message: message.into(),
        extra_headers: Vec::new(),
    })?;
    let commit = commit.detach();
    store(&mut repository)?;
    swap(&repository, branch, parent, commit)?;
    Ok(commit)
}

/// The tree that changes make of another.
fn edit(repository: &gix::Repository, base: ObjectId, changes: &[Change]) -> Result<ObjectId> {
    let tree = repository.find_tree(base)?;
    apart(changes)?;
    let mut editor = tree.edit()?;
    for change in changes {
        let parts = path::file(change.path())?;
        let path = parts.join("/");
        match change {
            Change::Put { content, executable, .. } => {
                fits(&tree, &parts)?;
                let kind = if *executable { EntryKind::BlobExecutable } else { EntryKind::Blob };
                editor.upsert(&path, kind, repository.write_blob(content)?.detach())?;
            }
            Change::Delete { .. } => {
                if tree.lookup_entry(parts.iter().map(|part| part.as_bytes()))?.is_none() {
                    return Err(Error::NotFound(format!("there is no file '{path}'")));
                }
                editor.remove(&path)?;
            }
        }
    }
    Ok(editor.write()?.detach())
}

/// Refuses changes that name a path twice, or one below another: their order would decide.
fn apart(changes: &[Change]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for change in changes {
        if !seen.insert(path::file(change.path())?) {
            return Err(Error::Invalid(format!("'{}' is changed twice", change.path())));
        }
    }
    // Paths are ordered by their parts, so what is below a path follows it.
    for (upper, lower) in seen.iter().zip(seen.iter().skip(1)) {
        if lower.starts_with(upper) {
            return Err(Error::Invalid(format!(
                "'{}' is changed with '{}'",
                upper.join("/"),
                lower.join("/")
            )));
        }
    }
    Ok(())
}

/// Refuses a file that would take a folder's place, or the other way round.
fn fits(tree: &gix::Tree<'_>, parts: &[&str]) -> Result<()> {
    for length in 1..=parts.len() {
        let path = &parts[..length];
        let Some(found) = tree.lookup_entry(path.iter().map(|part| part.as_bytes()))? else { break };
        match (found.mode().is_tree(), length == parts.len()) {
            (true, true) => return Err(Error::Invalid(format!("'{}' is a folder", path.join("/")))),
            (false, false) => return Err(Error::Invalid(format!("'{}' is not a folder", path.join("/")))),
            _ => {}
        }
    }
    Ok(())
}

/// Writes the collected objects, and syncs them.
fn store(repository: &mut gix::Repository) -> Result<()> {
    let objects = repository.objects.take_object_memory().unwrap_or_default();
    let objects_dir = repository.git_dir().join("objects");
    for (id, (kind, content)) in objects.iter() {
        repository.objects.write_buf_with_known_id(*kind, content, *id)?;
        let hex = id.to_string();
        let (folder, file) = hex.split_at(2);
        disk::sync(&objects_dir.join(folder).join(file))?;
    }
    disk::sync(&objects_dir)
}

/// Moves a branch from one commit to another, if it still stands there.
fn swap(repository: &gix::Repository, branch: &FullName, old: Option<ObjectId>, new: ObjectId) -> Result<()> {
    let expected = match old {
        Some(old) => PreviousValue::MustExistAndMatch(Target::Object(old)),
        None => PreviousValue::MustNotExist,
    };
    let edit = RefEdit::update(branch.clone(), new, expected, "");
    if let Err(error) = repository.edit_references_as([edit], None) {
        return Err(match head(repository, branch)? == old {
            true => error.into(),
            false => Error::Conflict(format!("the branch '{}' moved meanwhile; try again", branch.shorten())),
        });
    }
    disk::sync(&repository.git_dir().join(branch.as_bstr().to_path_lossy()))
}

fn head(repository: &gix::Repository, branch: &FullName) -> Result<Option<ObjectId>> {
    Ok(refs::find(repository, &branch.as_bstr().to_str_lossy())?.map(|commit| commit.id))
}

/// Now, by a person; what would end a field of a commit's header is left out.
fn signature((name, email): (&str, &str)) -> Signature {
    let clean = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).collect();
        text.trim().into()
    };
    Signature { name: clean(name), email: clean(email), time: gix::date::Time::now_utc() }
}
