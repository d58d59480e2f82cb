//! One platform a data folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// Makes the data folder if need be, closes it to others, and takes it for this process.
pub(super) fn take(data_dir: &Path) -> Result<File> {
    let shown = data_dir.display();
    let cannot = || {
        format!("the data folder {shown} cannot be used; make it writable or choose another with --data-dir")
    };
    if data_dir.exists() && !data_dir.is_dir() {
        bail!("{shown} is not a folder; choose another with --data-dir");
    }
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).with_context(cannot)?;
    fs::set_permissions(data_dir, fs::Permissions::from_mode(0o700)).with_context(cannot)?;
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(data_dir.join("lock"));
    let file = file.with_context(cannot)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            bail!("another platform runs on {shown}; stop it or choose another folder with --data-dir")
        }
        Err(error) => Err(error).with_context(cannot),
    }
}
