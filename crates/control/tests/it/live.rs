//! Feeds tell each caller what they may read.

use headwater_control::{CreateToken, TokenFor};
use headwater_model::{ChangeKind, Principal, TokenId};

use crate::{
    deployments::deploy,
    stage::{Stage, next},
};

#[tokio::test(flavor = "multi_thread")]
async fn code_that_streams_learns_nothing_of_deployments_and_tokens() {
    let stage = Stage::new().await;
    let sdk = Principal::Sdk { workspace: stage.ws.clone(), token: TokenId::new(), replica: None };
    let live = &stage.control.live;
    let mut changes = live.changes(&sdk, &stage.ws, None).await.unwrap();
    let mut all = live.changes(&stage.admin, &stage.ws, None).await.unwrap();
    let token = CreateToken { name: "T".into(), kind: TokenFor::Sdk(stage.ws.clone()), expires_at: None };
    stage.control.tokens.create(&stage.admin, token).await.unwrap();
    let id = deploy(&stage, true).await.id;
    stage.topic("cars", 1).await;

    assert_eq!(next(&mut all).await.1.kind, ChangeKind::Token);
    assert_eq!(next(&mut changes).await.1.kind, ChangeKind::Topic);

    let mut seen = live.rates(&stage.admin, &stage.ws).await.unwrap();
    while !next(&mut seen).await.1.deployments.contains_key(&id) {}
    let mut rates = live.rates(&sdk, &stage.ws).await.unwrap();
    let figures = next(&mut rates).await.1;
    assert!(figures.deployments.is_empty());
}
