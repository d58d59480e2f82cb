//! Folders of commits on disk.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Stdio,
};

use headwater_repo::Error;
use tokio::io::AsyncWriteExt as _;

use crate::workbench::{ADA, Workbench, git, put};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_written_as_it_is() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let clone = bench.clone("one").await;
    fs::create_dir_all(clone.join("app/in/ner")).unwrap();
    fs::write(clone.join("app/run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(clone.join("app/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("../../run.sh", clone.join("app/in/ner/link")).unwrap();
    symlink("nowhere", clone.join("app/dangling")).unwrap();
    let commit = bench.commit(&clone, "app/ä b/\"c\"\n.txt", "1").await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    let target = bench.path("out/deep");
    for _again in 0..2 {
        repositories.export(project, &commit, "app", &target).await.unwrap();
        let mode = |name: &str| fs::metadata(target.join(name)).unwrap().permissions().mode();
        assert_eq!(fs::read_to_string(target.join("ä b/\"c\"\n.txt")).unwrap(), "1");
        assert_eq!(mode("run.sh") & 0o111, 0o111);
        assert_eq!(mode("ä b/\"c\"\n.txt") & 0o111, 0);
        assert_eq!(fs::read_to_string(target.join("in/ner/link")).unwrap(), "#!/bin/sh\n");
        assert_eq!(fs::read_link(target.join("dangling")).unwrap(), Path::new("nowhere"));
        assert!(!target.join("README.md").exists());
    }
    repositories.export(project, "main", "", &bench.path("all")).await.unwrap();
    assert!(bench.path("all/README.md").exists() && bench.path("all/app/run.sh").exists());
    let missing = repositories.export(project, &commit, "none", &bench.path("no")).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
    assert!(!bench.path("no").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_leave_are_refused_by_name() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    for (n, to) in ["/etc/passwd", "../README.md", "sub/../../../x"].into_iter().enumerate() {
        let link = clone.join(format!("app{n}/way out"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to, link).unwrap();
    }
    let commit = bench.commit(&clone, "a", "1").await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    for n in 0..3 {
        let target = bench.path(&format!("out{n}"));
        let refused = bench.repositories.export(&bench.project, &commit, &format!("app{n}"), &target).await;
        let refused = refused.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(why) if why.contains("'way out'")), "{refused}");
        assert!(target.join("way out").symlink_metadata().is_err());
    }
    // Seen from further up it stays inside.
    assert!(bench.repositories.export(&bench.project, &commit, "", &bench.path("all")).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_through_links_that_stand() {
    let bench = Workbench::start().await;
    let changes = vec![put("file", "new"), put("folder/file", "new")];
    let commit = bench.repositories.commit_files(&bench.project, "main", "Add", ADA, changes).await.unwrap();
    let (outside, target) = (bench.path("outside"), bench.path("target"));
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&target).unwrap();
    fs::write(outside.join("file"), "old").unwrap();
    symlink(outside.join("file"), target.join("file")).unwrap();
    symlink(&outside, target.join("folder")).unwrap();
    assert!(bench.repositories.export(&bench.project, &commit, "", &target).await.is_err());
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "old");
}

/// Writes a tree that no client would push, and a commit of it.
async fn forged(bench: &Workbench, entries: &str) -> String {
    let bare = bench.bare();
    let mut make = tokio::process::Command::new("git");
    make.args(["-c", "safe.directory=*", "mktree", "--missing", "-z"]).current_dir(&bare);
    let mut child = make.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(entries.as_bytes()).await.unwrap();
    let tree = String::from_utf8(child.wait_with_output().await.unwrap().stdout).unwrap();
    git(&bare, &["-c", "safe.directory=*", "commit-tree", "-m", "Forged", tree.trim()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_trees_stay_inside() {
    let bench = Workbench::start().await;
    let blob = git(&bench.bare(), &["-c", "safe.directory=*", "rev-parse", "main:README.md"]).await;
    for name in ["..", ".git", "."] {
        let commit = forged(&bench, &format!("100644 blob {blob}\t{name}\0")).await;
        let refused = bench.repositories.export(&bench.project, &commit, "", &bench.path("out/in")).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{name}: {refused:?}");
    }
    let commit =
        forged(&bench, &format!("160000 commit {}\tmodule\0100644 blob {blob}\tz\0", "1".repeat(40))).await;
    bench.repositories.export(&bench.project, &commit, "", &bench.path("module")).await.unwrap();
    assert!(bench.path("module/z").exists() && !bench.path("module/module").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn trees_that_unfold_without_end_are_refused() {
    let bench = Workbench::start().await;
    let bare = bench.bare();
    let blob = git(&bare, &["-c", "safe.directory=*", "rev-parse", "main:README.md"]).await;
    let wide = |kind: &str, id: &str| (0..10).map(|n| format!("{kind} {id}\t{n}\0")).collect::<String>();
    let mut commit = forged(&bench, &wide("100644 blob", &blob)).await;
    for _level in 0..9 {
        let tree = git(&bare, &["-c", "safe.directory=*", "rev-parse", &format!("{commit}^{{tree}}")]).await;
        commit = forged(&bench, &wide("040000 tree", &tree)).await;
    }
    let listed = bench.repositories.tree(&bench.project, &commit, "", true).await;
    assert!(matches!(listed, Err(Error::Invalid(_))), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_too_large_are_refused_unread() {
    let bench = Workbench::start().await;
    let large = bench.path("large");
    fs::File::create(&large).unwrap().set_len((256 << 20) + 1).unwrap();
    let large = large.to_str().unwrap();
    let blob = git(&bench.bare(), &["-c", "safe.directory=*", "hash-object", "-w", large]).await;
    let commit = forged(&bench, &format!("100644 blob {}\tdump.bin\0", blob.trim())).await;
    let refused = bench.repositories.export(&bench.project, &commit, "", &bench.path("out")).await;
    assert!(matches!(&refused, Err(Error::Invalid(why)) if why.contains("'dump.bin'")), "{refused:?}");
    assert!(!bench.path("out/dump.bin").exists());
}
