//! Tokens: what they may do about each other, and that revoking one holds.

use std::time::Duration;

use futures::FutureExt;
use headwater_control::{CreateToken, Error, Secret, Token, TokenFor};
use headwater_model::{Principal, Role};
use headwater_store::clock;
use jiff::{SignedDuration, Timestamp};

use crate::stage::{Stage, eventually};

async fn personal(
    stage: &Stage,
    who: &Principal,
    role: Option<Role>,
    expires_at: Option<Timestamp>,
) -> headwater_control::Result<(Token, Secret)> {
    let kind = TokenFor::Personal { role };
    stage.control.tokens.create(who, CreateToken { name: "Mine".into(), kind, expires_at }).await
}

async fn holder(stage: &Stage, secret: &Secret) -> Option<Principal> {
    stage.control.tokens.authenticate(secret.expose()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_revokes_no_stronger_one() {
    let stage = Stage::new().await;
    let (strong, strong_secret) = personal(&stage, &stage.admin, None, None).await.unwrap();
    let (weak, weak_secret) = personal(&stage, &stage.admin, Some(Role::Viewer), None).await.unwrap();
    let (other, _) = personal(&stage, &stage.admin, Some(Role::Viewer), None).await.unwrap();
    let viewer = holder(&stage, &weak_secret).await.unwrap();
    let tokens = &stage.control.tokens;
    let refused = tokens.delete(&viewer, strong.id).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    assert!(holder(&stage, &strong_secret).await.is_some());
    tokens.delete(&viewer, other.id).await.unwrap();
    tokens.delete(&viewer, weak.id).await.unwrap();
    assert_eq!(holder(&stage, &weak_secret).await, None);
    tokens.delete(&stage.admin, strong.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_none_that_outlives_it() {
    let stage = Stage::new().await;
    let soon = clock() + SignedDuration::from_hours(1);
    let (_, secret) = personal(&stage, &stage.admin, None, Some(soon)).await.unwrap();
    let who = holder(&stage, &secret).await.unwrap();
    for wanted in [None, Some(soon + SignedDuration::from_hours(1))] {
        assert_eq!(personal(&stage, &who, None, wanted).await.unwrap().0.expires_at, Some(soon));
    }
    let earlier = Some(soon - SignedDuration::from_mins(30));
    assert_eq!(personal(&stage, &who, None, earlier).await.unwrap().0.expires_at, earlier);
    let sdk = CreateToken { name: "S".into(), kind: TokenFor::Sdk(stage.ws.clone()), expires_at: None };
    assert_eq!(stage.control.tokens.create(&who, sdk).await.unwrap().0.expires_at, Some(soon));
    assert_eq!(personal(&stage, &stage.admin, None, None).await.unwrap().0.expires_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_also_when_the_caller_went_away() {
    let stage = Stage::new().await;
    for step in 0..40 {
        let (token, secret) = personal(&stage, &stage.admin, None, None).await.unwrap();
        // Given up at some point between the beginning and the end.
        let mut delete = stage.control.tokens.delete(&stage.admin, token.id).boxed();
        let _ = tokio::time::timeout(Duration::from_micros(150 * step), &mut delete).await;
        drop(delete);
        // A later mutation waits for one that was under way.
        personal(&stage, &stage.admin, None, None).await.unwrap();
        let all = stage.store.read().await.unwrap().tokens().await.unwrap();
        if !all.iter().any(|(_, kept)| kept.id == token.id) {
            eventually(async || holder(&stage, &secret).await.is_none().then_some(())).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_given_the_platforms_own_token() {
    let stage = Stage::new().await;
    let sdk = CreateToken { name: "Mine".into(), kind: TokenFor::Sdk(stage.ws.clone()), expires_at: None };
    let (mine, secret) = stage.control.tokens.create(&stage.admin, sdk).await.unwrap();
    let given = async || stage.store.read().await.unwrap().sdk_secret(&stage.ws).await.unwrap();
    assert!(given().await.is_some_and(|given| given != secret));
    let all = stage.control.tokens.list(&stage.admin, Some(&stage.ws)).await.unwrap();
    for token in all.into_iter().filter(|token| token.id != mine.id) {
        stage.control.tokens.delete(&stage.admin, token.id).await.unwrap();
    }
    assert_eq!(given().await, None);
    assert!(matches!(holder(&stage, &secret).await, Some(Principal::Sdk { .. })));
}
