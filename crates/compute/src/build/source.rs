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
    if target.exists() {
        return Ok(target);
    }
    let io = || Error::io("copying the code");
    // Its user passes through it; the platform's own folder above is closed to all others.
    fs::DirBuilder::new().recursive(true).mode(0o711).create(folder).map_err(io())?;
    // Under another name first: a copy that was cut short is never taken for a whole one.
    let beside = folder.join(format!("{source_id}.{}", uuid::Uuid::new_v4().simple()));
    let copied = copy(source, &beside, source);
    let placed = copied.and_then(|()| match fs::rename(&beside, &target) {
        Err(_) if target.exists() => Ok(()),
        other => other.map_err(io()),
    });
    remove(&beside).map_err(io())?;
    placed.map(|()| target)
}

/// Removes copies that were cut short.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some() {
            remove(&path)?;
        }
    }
    Ok(())
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

/// Whether a link at `at` (from the root) leads out of the root.
fn leaves(link: &Path, at: &Path) -> bool {
    let mut depth = at.components().count() as i32 - 1;
    link.components().any(|part| {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => depth = -1,
        }
        depth < 0
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
    fn links_that_leave_are_refused_and_leave_nothing() {
        for link in ["/etc/passwd", "../outside", "a/../../outside"] {
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
