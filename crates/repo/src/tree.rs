//! Folders and files of a commit.

use bytes::Bytes;
use gix::{bstr::ByteSlice, objs::tree};
use headwater_model::ProjectId;

use crate::{Entry, EntryKind, Error, Repositories, Result, path, refs};

/// Largest file that is read into memory, in bytes.
const LARGEST: u64 = 10 << 20;
/// Most paths in one listing or export: trees can name each other so that a small repository unfolds without end.
pub(crate) const MOST: usize = 100_000;

impl Repositories {
    /// What a folder holds at a commit, in Git's order, with paths from the repository's root: its own entries, or with
    /// `recursive` all files and links below it. Submodules are left out.
    pub async fn tree(
        &self,
        project: &ProjectId,
        commit: &str,
        path: &str,
        recursive: bool,
    ) -> Result<Vec<Entry>> {
        let (commit, path) = (commit.to_owned(), path.to_owned());
        self.with(project, move |repository| {
            let parts = path::parts(&path)?;
            let root = folder(&repository, &commit, &parts)?;
            list(&root, &parts.join("/"), recursive)
        })
        .await
    }

    /// A file's content at a commit, up to 10 MiB; of a symbolic link the path it leads to.
    pub async fn read(&self, project: &ProjectId, commit: &str, path: &str) -> Result<Bytes> {
        let (commit, path) = (commit.to_owned(), path.to_owned());
        self.with(project, move |repository| {
            let entry = lookup(&repository, &commit, &path::parts(&path)?)?;
            let entry = entry.ok_or_else(|| Error::NotFound(format!("there is no file '{path}'")))?;
            if !entry.mode().is_blob_or_symlink() {
                return Err(Error::Invalid(format!("'{path}' is not a file")));
            }
            let size = repository.find_header(entry.object_id())?.size();
            if size > LARGEST {
                return Err(Error::Invalid(format!(
                    "'{path}' has {size} bytes; up to {LARGEST} can be shown"
                )));
            }
            Ok(Bytes::from(entry.object()?.into_blob().take_data()))
        })
        .await
    }

    /// Git's object id of a folder at a commit, which is the same as long as its content is; none when there is no such
    /// folder.
    pub async fn tree_id(&self, project: &ProjectId, commit: &str, path: &str) -> Result<Option<String>> {
        let (commit, path) = (commit.to_owned(), path.to_owned());
        self.with(project, move |repository| match folder(&repository, &commit, &path::parts(&path)?) {
            Ok(tree) => Ok(Some(tree.id.to_string())),
            Err(Error::NotFound(_)) if refs::resolve(&repository, &commit).is_ok() => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }
}

/// A folder of a commit; the root for no parts.
pub(crate) fn folder<'repo>(
    repository: &'repo gix::Repository,
    commit: &str,
    parts: &[&str],
) -> Result<gix::Tree<'repo>> {
    if parts.is_empty() {
        return Ok(refs::resolve(repository, commit)?.tree()?);
    }
    match lookup(repository, commit, parts)? {
        Some(entry) if entry.mode().is_tree() => Ok(entry.object()?.try_into_tree()?),
        _ => Err(Error::NotFound(format!("there is no folder '{}'", parts.join("/")))),
    }
}

fn lookup<'repo>(
    repository: &'repo gix::Repository,
    commit: &str,
    parts: &[&str],
) -> Result<Option<gix::object::tree::Entry<'repo>>> {
    let tree = refs::resolve(repository, commit)?.tree()?;
    Ok(tree.lookup_entry(parts.iter().map(|part| part.as_bytes()))?)
}

fn list(root: &gix::Tree<'_>, path: &str, recursive: bool) -> Result<Vec<Entry>> {
    let mut listed = Vec::new();
    let mut open = vec![(root.clone(), path.to_owned())];
    let mut seen = 0;
    while let Some((tree, path)) = open.pop() {
        for entry in tree.iter() {
            let entry = entry?;
            seen += 1;
            if seen > MOST {
                return Err(Error::Invalid(format!("'{path}' holds more than {MOST} files")));
            }
            let name = entry.filename().to_str_lossy();
            let inner = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            match kind(entry.kind()) {
                Some(EntryKind::Folder) if recursive => open.push((entry.object()?.try_into_tree()?, inner)),
                Some(kind) => listed.push(Entry { path: inner, kind, id: entry.object_id().to_string() }),
                None => {}
            }
        }
    }
    if recursive {
        listed.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Ok(listed)
}

/// What an entry is; none for submodules.
pub(crate) fn kind(kind: tree::EntryKind) -> Option<EntryKind> {
    match kind {
        tree::EntryKind::Tree => Some(EntryKind::Folder),
        tree::EntryKind::Blob => Some(EntryKind::File),
        tree::EntryKind::BlobExecutable => Some(EntryKind::Executable),
        tree::EntryKind::Link => Some(EntryKind::Link),
        tree::EntryKind::Commit => None,
    }
}
