//! Folders with an owner: the program's user, or the platform where a program must not put things.

use std::{fs, io, path::Path};

use rustix::fs::{CWD, Gid, Mode, OFlags, Uid, fchmod, fchown, openat};

use crate::folder::private;

/// Makes a folder that belongs to `uid` and is closed to all others.
pub(crate) fn owned(path: &Path, uid: Option<u32>) -> io::Result<()> {
    make(path, uid, Mode::RWXU)
}

/// Makes a folder of the platform's own. Programs pass through it, once they are let in above, and read it.
pub(crate) fn ours(path: &Path) -> io::Result<()> {
    let uid = rustix::process::geteuid();
    make(
        path,
        uid.is_root().then(|| uid.as_raw()),
        Mode::RWXU | Mode::RGRP | Mode::XGRP | Mode::ROTH | Mode::XOTH,
    )
}

fn make(path: &Path, uid: Option<u32>, mode: Mode) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        private(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Through the folder itself: a link in its place would give away what it leads to.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = openat(CWD, path, flags, Mode::empty())?;
    if let Some(uid) = uid {
        fchown(&folder, Some(Uid::from_raw(uid)), Some(Gid::from_raw(uid)))?;
    }
    Ok(fchmod(&folder, mode)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn nothing_is_given_away_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let kept = dir.path().join("kept");
        fs::create_dir(&kept).unwrap();
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o711)).unwrap();
        symlink(&kept, dir.path().join("link")).unwrap();
        assert!(owned(&dir.path().join("link"), None).is_err());
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o711);
        owned(&kept, None).unwrap();
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
