//! The application's code on disk: a copy by content, never changed once made.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Component, Path, PathBuf},
};

use crate::{Error, Result, folder::remove};

/// The folder of `source_id` below `folder`; copied from `source` when it is not there yet.
pub(super) fn place(source: &Path, source_id: &str, folder: &Path) -> Result<PathBuf> {
    let target = folder.join(source_id);
    let io = || Error::io("copying the code");
    match target.symlink_metadata() {
        Ok(found) if found.is_dir() => return Ok(target),
        Ok(_) => return Err(io()(io::Error::other(format!("{} is no folder", target.display())))),
        Err(_) => {}
    }
    // Its user passes through it; the platform's own folder above is closed to all others.
    fs::DirBuilder::new().recursive(true).mode(0o711).create(folder).map_err(io())?;
    // Under another name first: a copy that was cut short is never taken for a whole one.
    let beside = folder.join(format!("{source_id}.{}", uuid::Uuid::new_v4().simple()));
    let copied = copy(source, &beside, source);
    let placed = copied.and_then(|()| match fs::rename(&beside, &target) {
        // Another build was first.
        Err(_) if target.symlink_metadata().is_ok_and(|found| found.is_dir()) => Ok(()),
        other => other.map_err(io()),
    });
    remove(&beside).map_err(io())?;
    placed.map(|()| target)
}

/// Removes copies that were cut short from a workspace's folder of builds.
pub(super) fn sweep_workspace(folder: &Path) -> io::Result<()> {
    sweep(&folder.join("code"))?;
    entries(&folder.join("installed"))?.iter().try_for_each(|installation| sweep(&installation.join("code")))
}

fn sweep(folder: &Path) -> io::Result<()> {
    entries(folder)?.iter().filter(|path| path.extension().is_some()).try_for_each(|path| remove(path))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}

fn copy(from: &Path, to: &Path, root: &Path) -> Result<()> {
    let io =
        |path: &Path| Error::io(format!("copying {}", path.strip_prefix(root).unwrap_or(path).display()));
    fs::create_dir(to).map_err(io(to))?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).map_err(io(to))?;
    for entry in fs::read_dir(from).map_err(io(from))? {
        let entry = entry.map_err(io(from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(io(&path))?;
        if kind.is_dir() {
            copy(&path, &target, root)?;
        } else if kind.is_symlink() {
            let link = fs::read_link(&path).map_err(io(&path))?;
            if leaves(&link, path.strip_prefix(root).unwrap_or(&path)) {
                let name = path.strip_prefix(root).unwrap_or(&path).display();
                return Err(Error::Build(format!("{name} is a link that leaves the application's folder")));
            }
            std::os::unix::fs::symlink(link, &target).map_err(io(&path))?;
        } else if kind.is_file() {
            fs::copy(&path, &target).map_err(io(&path))?;
            let executable = entry.metadata().map_err(io(&path))?.permissions().mode() & 0o111 != 0;
            let mode = if executable { 0o755 } else { 0o644 };
            fs::set_permissions(&target, fs::Permissions::from_mode(mode)).map_err(io(&path))?;
        }
    }
    Ok(())
}

/// Whether a link at `at` (from the root) leads out of the root, or could: after a name, which may be a link itself,
/// `..` leads anywhere.
fn leaves(link: &Path, at: &Path) -> bool {
    let (mut depth, mut named) = (at.components().count() as i32 - 1, false);
    link.components().any(|part| match part {
        Component::ParentDir => {
            depth -= 1;
            named || depth < 0
        }
        Component::Normal(_) => {
            named = true;
            false
        }
        Component::CurDir => false,
        Component::RootDir | Component::Prefix(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_copied_whole_with_its_modes_and_links() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        fs::create_dir_all(source.join("a/b")).unwrap();
        fs::write(source.join("a/b/run.sh"), "x").unwrap();
        fs::set_permissions(source.join("a/b/run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("../../main.py", source.join("a/b/link")).unwrap();
        let placed = place(&source, "id", &dir.path().join("code")).unwrap();
        assert_eq!(fs::metadata(placed.join("a/b/run.sh")).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_link(placed.join("a/b/link")).unwrap(), Path::new("../../main.py"));
        assert_eq!(place(&source, "id", &dir.path().join("code")).unwrap(), placed);
    }

    #[test]
    fn a_link_is_never_taken_for_code() {
        let dir = tempfile::tempdir().unwrap();
        let (source, code) = (dir.path().join("source"), dir.path().join("code"));
        fs::create_dir(&source).unwrap();
        fs::create_dir(&code).unwrap();
        std::os::unix::fs::symlink("/etc", code.join("id")).unwrap();
        assert!(place(&source, "id", &code).is_err());
    }

    #[test]
    fn copies_that_were_cut_short_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["code/a", "code/b.1", "installed/x/code/a", "installed/x/code/b.1"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        sweep_workspace(dir.path()).unwrap();
        for folder in ["code", "installed/x/code"] {
            assert_eq!(entries(&dir.path().join(folder)).unwrap(), [dir.path().join(folder).join("a")]);
        }
    }

    #[test]
    fn links_that_leave_are_refused_and_leave_nothing() {
        for link in ["/etc/passwd", "../outside", "a/../../outside", "a/../inside"] {
            let dir = tempfile::tempdir().unwrap();
            let source = dir.path().join("source");
            fs::create_dir(&source).unwrap();
            std::os::unix::fs::symlink(link, source.join("link")).unwrap();
            let error = place(&source, "id", &dir.path().join("code")).unwrap_err();
            assert!(error.to_string().contains("link"), "{error}");
            assert_eq!(fs::read_dir(dir.path().join("code")).unwrap().count(), 0);
        }
    }
}
