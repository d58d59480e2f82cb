//! Applications follow the branch, whatever is pushed to it.

use headwater_control::Error;

use crate::stage::{APP, Stage, import};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_wrong_with_one_application_alone() {
    let large = vec![b'#'; (10 << 20) + 1];
    let stage = Stage::with(|repository| {
        import(
            repository,
            &[
                ("good/app.yaml", APP.as_bytes()),
                ("a\\b/app.yaml", APP.as_bytes()),
                ("large/app.yaml", &large),
            ],
        );
    })
    .await;
    assert_eq!(stage.application("good").await.error, None);
    for path in ["a\\b", "large"] {
        assert!(stage.application(path).await.error.is_some(), "{path}");
    }
    stage.commit(&[("later/app.yaml", APP)]).await;
    assert_eq!(stage.application("later").await.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_around_others_is_kept() {
    let stage = Stage::new().await;
    stage
        .commit(&[("app.yaml", APP), ("a/app.yaml", APP), ("a/b/app.yaml", APP), ("ab/app.yaml", APP)])
        .await;
    let (root, a) = (stage.application("").await.id, stage.application("a").await.id);
    let inner = stage.application("a/b").await.id;
    let apps = &stage.control.applications;
    for (id, below) in [(root, vec!["a", "a/b", "ab"]), (a, vec!["a/b"])] {
        let refused = apps.delete(&stage.admin, &stage.ws, id).await;
        let Err(Error::ApplicationHolds { inner, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(inner, below);
    }
    apps.delete(&stage.admin, &stage.ws, inner).await.unwrap();
    apps.delete(&stage.admin, &stage.ws, a).await.unwrap();
    let left = apps.list(&stage.admin, &stage.ws).await.unwrap().value;
    let mut paths: Vec<_> = left.iter().map(|app| app.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["", "ab"]);
}
