//! Writing a folder of a commit to disk.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{OpenOptionsExt as _, symlink},
    },
    path::{Path, PathBuf},
};

use headwater_model::ProjectId;

use crate::{
    EntryKind, Error, Repositories, Result, path,
    tree::{self, MOST},
};

/// Most bytes of one export.
const BYTES: u64 = 4 << 30;
/// Most bytes of one file: each is in memory while it is written.
const FILE: u64 = 256 << 20;

impl Repositories {
    /// Writes a folder's files at a commit into `target`, which is made when it is missing; files of the same name are
    /// replaced. Submodules are left out. A symbolic link that leads out of the folder, or could, is refused by name;
    /// nothing is ever written outside of `target`. After an error, what was written so far stays.
    pub async fn export(&self, project: &ProjectId, commit: &str, path: &str, target: &Path) -> Result<()> {
        let (commit, path, target) = (commit.to_owned(), path.to_owned(), target.to_owned());
        self.with(project, move |repository| {
            let tree = tree::folder(&repository, &commit, &path::parts(&path)?)?;
            fs::create_dir_all(&target).map_err(Error::io(format!("making {}", target.display())))?;
            Export { target, links: Vec::new(), files: 0, bytes: 0 }.run(tree)
        })
        .await
    }
}

struct Export {
    target: PathBuf,
    /// Made last, so that no file is ever written through one.
    links: Vec<(PathBuf, PathBuf)>,
    files: usize,
    bytes: u64,
}

impl Export {
    fn run(mut self, tree: gix::Tree<'_>) -> Result<()> {
        let mut open = vec![(tree, PathBuf::new())];
        while let Some((tree, folder)) = open.pop() {
            for entry in tree.iter() {
                let entry = entry?;
                let mode = (entry.kind() == gix::objs::tree::EntryKind::Link)
                    .then_some(gix::validate::path::component::Mode::Symlink);
                path::name(entry.filename(), mode)?;
                let inner = folder.join(OsStr::from_bytes(entry.filename()));
                let Some(kind) = tree::kind(entry.kind()) else { continue };
                self.count(&inner, &entry, kind)?;
                match kind {
                    EntryKind::Folder => {
                        self.folder(&inner)?;
                        open.push((entry.object()?.try_into_tree()?, inner));
                    }
                    EntryKind::Link => self.links.push((inner.clone(), link(&inner, &entry)?)),
                    kind => self.file(&inner, &entry.object()?.data, kind == EntryKind::Executable)?,
                }
            }
        }
        self.links.iter().try_for_each(|(path, to)| {
            let path = self.target.join(path);
            replacing(&path, || symlink(to, &path))
        })
    }

    /// Counts an entry before it is read.
    fn count(
        &mut self,
        path: &Path,
        entry: &gix::object::tree::EntryRef<'_, '_>,
        kind: EntryKind,
    ) -> Result<()> {
        self.files += 1;
        if kind != EntryKind::Folder {
            let size = entry.id().header()?.size();
            if size > FILE {
                let path = path.display();
                return Err(Error::Invalid(format!(
                    "the file '{path}' has {size} bytes; {FILE} is the most of one file"
                )));
            }
            self.bytes = self.bytes.saturating_add(size);
        }
        match self.files > MOST || self.bytes > BYTES {
            true => Err(Error::Invalid(format!("the folder holds more than {MOST} files or {BYTES} bytes"))),
            false => Ok(()),
        }
    }

    fn folder(&self, path: &Path) -> Result<()> {
        let path = self.target.join(path);
        let made = match fs::create_dir(&path) {
            // A link there would lead elsewhere.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::symlink_metadata(&path).and_then(|found| if found.is_dir() { Ok(()) } else { Err(error) })
            }
            made => made,
        };
        made.map_err(Error::io(format!("making {}", path.display())))
    }

    fn file(&self, path: &Path, content: &[u8], executable: bool) -> Result<()> {
        let path = self.target.join(path);
        let mode = if executable { 0o755 } else { 0o644 };
        replacing(&path, || {
            OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?.write_all(content)
        })
    }
}

fn link(path: &Path, entry: &gix::object::tree::EntryRef<'_, '_>) -> Result<PathBuf> {
    let to = entry.object()?.into_blob().take_data();
    let depth = path.components().count() - 1;
    match path::link_stays(depth, &to) {
        true => Ok(std::ffi::OsString::from_vec(to).into()),
        false => Err(Error::Invalid(format!(
            "the symbolic link '{}' leads out of the folder, to '{}'",
            path.display(),
            String::from_utf8_lossy(&to)
        ))),
    }
}

/// Makes something that must be new; what stands there already is removed, not written through.
fn replacing(path: &Path, make: impl Fn() -> io::Result<()>) -> Result<()> {
    let made = match make() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path).and_then(|()| make())
        }
        made => made,
    };
    made.map_err(Error::io(format!("writing {}", path.display())))
}
