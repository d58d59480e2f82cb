//! Paths that are about to be shown to programs. Whoever could put a link in their place would decide what is shown, so
//! links are refused.

use std::{
    fs, io,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::Path,
};

use rustix::fs::{CWD, FileType, Gid, Mode, OFlags, fchmod, fchown, fstat, openat};

use super::{Sandbox, user::PASSING};

/// Refuses to show `path` when the platform's folder lies in it.
pub(super) fn apart(path: &Path, hidden: &Path) -> io::Result<()> {
    // What does not exist shows nothing; the folder itself may not exist yet.
    let Ok(path) = path.canonicalize() else { return Ok(()) };
    let hidden = hidden.canonicalize().unwrap_or_else(|_| hidden.to_owned());
    match hidden.starts_with(&path) {
        true => Err(io::Error::other(format!(
            "{} is to be shown to programs, and the platform's own folder {} lies in it: move that elsewhere and say \
             so with --data-dir",
            path.display(),
            hidden.display()
        ))),
        false => Ok(()),
    }
}

/// A handle on what `path` names, which is no link; nothing when there is nothing.
pub(super) fn handle(path: &Path) -> io::Result<Option<(OwnedFd, FileType)>> {
    let fd = match openat(CWD, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        fd => fd?,
    };
    match FileType::from_raw_mode(fstat(&fd)?.st_mode) {
        FileType::Symlink => Err(is_link(path)),
        kind => Ok(Some((fd, kind))),
    }
}

pub(super) fn is_link(path: &Path) -> io::Error {
    io::Error::other(format!("{} is a symbolic link, which is not shown to programs", path.display()))
}

/// Lets the programs' group pass through the folders of the platform that lead to what a program sees, and through none
/// besides. Those in front of the platform's folder are not ours to open.
pub(super) fn let_pass(sandbox: &Sandbox) -> io::Result<()> {
    let shown = sandbox.readable.iter().chain(&sandbox.writable).chain([&sandbox.tmp]);
    for path in shown.filter(|path| path.exists()) {
        for folder in path.ancestors().skip(1) {
            if folder.starts_with(&sandbox.hidden) {
                open_to_group(folder)?;
            } else if fs::metadata(folder)?.permissions().mode() & 0o001 == 0 {
                return Err(io::Error::other(format!(
                    "{} lies below {}, which other users cannot pass: move it elsewhere (the data folder is chosen with \
                     --data-dir), or give the platform CAP_SYS_ADMIN",
                    path.display(),
                    folder.display()
                )));
            }
        }
    }
    Ok(())
}

fn open_to_group(folder: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = openat(CWD, folder, flags, Mode::empty())?;
    let found = fstat(&fd)?;
    let mode = Mode::from_raw_mode(found.st_mode);
    if found.st_gid != PASSING || !mode.contains(Mode::XGRP) {
        fchown(&fd, None, Some(Gid::from_raw(PASSING)))?;
        fchmod(&fd, (mode & !Mode::RWXG) | Mode::XGRP)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_handled() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
        assert!(handle(&dir.path().join("link")).unwrap_err().to_string().contains("link"));
        assert!(handle(&dir.path().join("none")).unwrap().is_none());
        assert_eq!(handle(dir.path()).unwrap().unwrap().1, FileType::Directory);
    }

    #[test]
    fn what_holds_the_platforms_folder_is_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let hidden = dir.path().join("home/data");
        fs::create_dir_all(&hidden).unwrap();
        fs::create_dir(hidden.join("inner")).unwrap();
        assert!(apart(dir.path(), &hidden).is_err());
        assert!(apart(&hidden, &hidden).is_err());
        assert!(apart(&hidden.join("inner"), &hidden).is_ok());
    }
}
