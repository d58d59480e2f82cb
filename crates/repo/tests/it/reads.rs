//! References, history and folders.

use headwater_repo::{EntryKind, Error};

use crate::workbench::{ADA, Workbench, git, put};

#[tokio::test(flavor = "multi_thread")]
async fn references_mean_commits() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    let commit = bench.commit(&clone, "a", "1").await;
    git(&clone, &["tag", "-a", "v1", "-m", "One"]).await;
    git(&clone, &["tag", "blob", "HEAD:a"]).await;
    git(&clone, &["push", "-q", "origin", "main", "--tags"]).await;
    let found = |reference: &str| {
        let (repositories, project, reference) =
            (bench.repositories.clone(), bench.project.clone(), reference.to_owned());
        async move { repositories.resolve(&project, &reference).await }
    };
    for reference in
        ["main", "refs/heads/main", "v1", "refs/tags/v1", &commit, &commit[..7], &commit.to_uppercase()]
    {
        assert_eq!(found(reference).await.unwrap().id, commit, "{reference}");
    }
    let seen = found("v1").await.unwrap();
    assert_eq!((&*seen.message, &*seen.author_name, &*seen.author_email), ("Write a", ADA.0, ADA.1));
    let blob = git(&clone, &["rev-parse", "HEAD:a"]).await;
    let nowhere = "0".repeat(40);
    for missing in
        ["nope", "", "heads/main", "v1^{}", "main~1", "../x", "blob", &commit[..6], &blob, &nowhere, "-x"]
    {
        assert!(matches!(found(missing).await, Err(Error::NotFound(_))), "{missing}");
    }
    let other = bench.repositories.resolve(&"acme-other".parse().unwrap(), "main").await;
    assert!(matches!(other, Err(Error::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_follows_a_path() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let clone = bench.clone("one").await;
    bench.commit(&clone, "a/x", "1").await;
    bench.commit(&clone, "b/x", "1").await;
    let second = bench.commit(&clone, "a/x", "2").await;
    git(&clone, &["checkout", "-qb", "side", "HEAD~1"]).await;
    bench.commit(&clone, "c", "1").await;
    git(&clone, &["checkout", "-q", "main"]).await;
    git(&clone, &["merge", "-q", "--no-edit", "side"]).await;
    git(&clone, &["rm", "-qr", "a"]).await;
    git(&clone, &["commit", "-qm", "Drop a"]).await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    let of = async |path, limit| {
        let commits = repositories.commits(project, "main", path, limit).await.unwrap();
        commits.into_iter().map(|commit| commit.message).collect::<Vec<_>>()
    };
    assert_eq!(of(Some("a"), 10).await, ["Drop a", "Write a/x", "Write a/x"]);
    assert_eq!(of(Some("a"), 1).await, ["Drop a"]);
    assert_eq!(of(Some("missing"), 10).await, Vec::<String>::new());
    assert_eq!(of(None, 100).await.len(), 7);
    assert_eq!(of(Some(""), 100).await.len(), 7);
    let earlier = repositories.commits(project, &second, Some("a/x"), 1).await.unwrap();
    assert_eq!(earlier[0].id, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_listed() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let changes = vec![put("app/main.py", "1"), put("app/lib/tool.sh", "2"), put("app/ü ü/\"q\".txt", "3")];
    let commit = repositories.commit_files(project, "main", "Add", ADA, changes).await.unwrap();
    let of = async |path, recursive| {
        let entries = repositories.tree(project, &commit, path, recursive).await.unwrap();
        entries.into_iter().map(|entry| (entry.path, entry.kind)).collect::<Vec<_>>()
    };
    let named = |path: &str, kind| (path.to_owned(), kind);
    use EntryKind::{Executable, File, Folder};
    assert_eq!(of("", false).await, [named("README.md", File), named("app", Folder)]);
    let all =
        [named("app/lib/tool.sh", Executable), named("app/main.py", File), named("app/ü ü/\"q\".txt", File)];
    assert_eq!(of("app/", true).await, all);
    assert_eq!(&repositories.read(project, &commit, "app/ü ü/\"q\".txt").await.unwrap()[..], b"3");
    for (path, missing) in [("app/none", true), ("app/main.py", true), ("../x", false), ("/", false)] {
        let error = repositories.tree(project, &commit, path, true).await.unwrap_err();
        assert_eq!(matches!(error, Error::NotFound(_)), missing, "{path}: {error}");
        assert_eq!(matches!(error, Error::Invalid(_)), !missing, "{path}: {error}");
    }
    assert!(matches!(repositories.read(project, &commit, "app").await, Err(Error::Invalid(_))));
    assert!(matches!(repositories.read(project, &commit, "app/none").await, Err(Error::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folders_id_follows_its_content() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let first = bench.put("a/x", "1").await.unwrap();
    let second = bench.put("b", "1").await.unwrap();
    let third = bench.put("a/x", "2").await.unwrap();
    let id = async |commit: &str, path: &str| repositories.tree_id(project, commit, path).await.unwrap();
    assert!(id(&first, "a").await.is_some());
    assert_eq!(id(&first, "a").await, id(&second, "a").await);
    assert_ne!(id(&second, "a").await, id(&third, "a").await);
    assert_ne!(id(&first, "").await, id(&second, "").await);
    assert_eq!(id(&first, "b").await, None);
    assert_eq!(id(&second, "b").await, None, "a file is no folder");
    assert!(matches!(repositories.tree_id(project, "nope", "a").await, Err(Error::NotFound(_))));
}
