//! Commits that the platform makes.

use futures::future::join_all;
use headwater_repo::{Error, Repositories};

use crate::workbench::{ADA, Workbench, delete, git, put, told};

#[tokio::test]
async fn creating_again_keeps_what_stands() {
    let folder = tempfile::tempdir().unwrap();
    let repositories = Repositories::open(folder.path().join("repos")).unwrap();
    let project = "acme-demo".parse().unwrap();
    assert!(!repositories.exists(&project).await.unwrap());
    let made = join_all((0..8).map(|n| {
        let (repositories, project) = (repositories.clone(), &project);
        async move { repositories.create(project, "dev", &format!("{n}")).await }
    }));
    made.await.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
    let head = repositories.head(&project, "dev").await.unwrap().unwrap();
    repositories.create(&project, "main", "other").await.unwrap();
    assert_eq!(repositories.head(&project, "dev").await.unwrap(), Some(head));
    assert_eq!(repositories.head(&project, "main").await.unwrap(), None);
    assert_eq!(std::fs::read_dir(folder.path().join("repos")).unwrap().count(), 1, "nothing is left over");
    let bare = folder.path().join("repos/acme-demo.git");
    git(&bare, &["-c", "safe.directory=*", "fsck", "--strict"]).await;
    let refused = repositories.create(&"acme-x".parse().unwrap(), "bad..name", "").await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_put_and_deleted() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let mut pushes = repositories.pushed();
    let changes = vec![put("app/main.py", "print()\n"), put("app/run.sh", "#!/bin/sh\n"), put("ä b", "1")];
    let first = repositories.commit_files(project, "main", "Begin the app", ADA, changes).await.unwrap();
    assert_eq!(told(&mut pushes).await.project, bench.project);
    let clone = bench.clone("one").await;
    assert_eq!(git(&clone, &["rev-parse", "HEAD"]).await, first);
    assert_eq!(
        git(&clone, &["log", "-1", "--format=%an %ae %s"]).await,
        "Ada Lovelace ada@example.com Begin the app"
    );
    let listed = git(
        &clone,
        &["-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD"],
    );
    assert_eq!(listed.await, "100644 README.md\n100644 app/main.py\n100755 app/run.sh\n100644 ä b");
    let changes = vec![delete("app"), put("README.md", "new\n")];
    repositories.commit_files(project, "main", "Drop the app", ADA, changes).await.unwrap();
    git(&clone, &["pull", "-q"]).await;
    assert!(!clone.join("app").exists());
    assert_eq!(std::fs::read_to_string(clone.join("README.md")).unwrap(), "new\n");
    git(&bench.bare(), &["-c", "safe.directory=*", "fsck", "--strict"]).await;
}

#[tokio::test]
async fn a_commit_without_a_change_is_none() {
    let bench = Workbench::start().await;
    let head = bench.put("a", "1").await.unwrap();
    assert_eq!(bench.put("a", "1").await.unwrap(), head);
    assert_ne!(bench.put("a", "2").await.unwrap(), head);
}

#[tokio::test]
async fn changes_that_make_no_sense_are_refused() {
    let bench = Workbench::start().await;
    bench.put("app/main.py", "").await.unwrap();
    let head = bench.repositories.head(&bench.project, "main").await.unwrap();
    for changes in [
        vec![put("../x", "")],
        vec![put("/etc/passwd", "")],
        vec![put(".git/config", "")],
        vec![put("", "")],
        vec![put("app", "")],
        vec![put("app/main.py/x", "")],
        vec![put("a", ""), put("./a", "")],
        vec![put("a", ""), put("a-b", ""), put("a/b", "")],
        vec![delete("")],
    ] {
        let shown = format!("{changes:?}");
        let refused = bench.repositories.commit_files(&bench.project, "main", "Bad", ADA, changes).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{shown}: {refused:?}");
    }
    let commit = |branch: &'static str, message: &'static str, change| {
        bench.repositories.commit_files(&bench.project, branch, message, ADA, vec![change])
    };
    assert!(matches!(commit("main", "Bad", delete("missing")).await, Err(Error::NotFound(_))));
    assert!(matches!(commit("missing", "Bad", put("a", "")).await, Err(Error::NotFound(_))));
    assert!(matches!(commit("main", " ", put("a", "")).await, Err(Error::Invalid(_))));
    assert_eq!(bench.repositories.head(&bench.project, "main").await.unwrap(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_commits_are_whole_or_refused() {
    let bench = Workbench::start().await;
    let all = join_all((0..24).map(|n| {
        let (repositories, project) = (bench.repositories.clone(), bench.project.clone());
        tokio::spawn(async move {
            let change = vec![put(&format!("file{n}"), "x")];
            (n, repositories.commit_files(&project, "main", "Race", ADA, change).await)
        })
    }));
    let (mut kept, mut refused) = (Vec::new(), 0);
    for outcome in all.await {
        match outcome.unwrap() {
            (n, Ok(_)) => kept.push(format!("file{n}")),
            (_, Err(Error::Conflict(_))) => refused += 1,
            (n, Err(other)) => panic!("file{n}: {other}"),
        }
    }
    assert_eq!(kept.len() + refused, 24);
    assert!(!kept.is_empty());
    let tree = bench.repositories.tree(&bench.project, "main", "", false).await.unwrap();
    let mut found: Vec<_> =
        tree.into_iter().map(|entry| entry.path).filter(|path| path != "README.md").collect();
    found.sort();
    kept.sort();
    assert_eq!(found, kept, "what was answered for is there, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_stays_is_no_conflict_and_loses_nothing() {
    let bench = Workbench::start().await;
    let head = bench.repositories.head(&bench.project, "main").await.unwrap();
    let lock = bench.bare().join("refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    assert!(matches!(bench.put("a", "1").await, Err(Error::Git(_))));
    assert_eq!(bench.repositories.head(&bench.project, "main").await.unwrap(), head);
    std::fs::remove_file(lock).unwrap();
    bench.put("a", "1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_moves_meanwhile_is_a_conflict() {
    let bench = Workbench::start().await;
    let main = bench.bare().join("refs/heads/main");
    let old = std::fs::read_to_string(&main).unwrap();
    let other = bench.put("other", "1").await.unwrap();
    std::fs::write(&main, old).unwrap();
    let objects = || walk(&bench.bare().join("objects"));
    let before = objects();
    // Somebody else is about to move the branch.
    let lock = main.with_extension("lock");
    std::fs::write(&lock, format!("{other}\n")).unwrap();
    let late = async {
        // Objects are written once the branch was looked at.
        while objects() < before + 3 {
            tokio::task::yield_now().await;
        }
        std::fs::rename(&lock, &main).unwrap();
    };
    let (refused, ()) = tokio::join!(bench.put("mine", "2"), late);
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(bench.repositories.head(&bench.project, "main").await.unwrap(), Some(other));
}

/// Files below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let below = |path: std::path::PathBuf| if path.is_dir() { walk(&path) } else { 1 };
    std::fs::read_dir(folder).unwrap().map(|entry| below(entry.unwrap().path())).sum()
}
