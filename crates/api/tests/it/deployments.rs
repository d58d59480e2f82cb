//! Deployments: what is refused, and in which order.

use headwater_model::Role;
use http::{Method, StatusCode};
use serde_json::json;

use crate::platform::Platform;

#[tokio::test]
async fn who_may_not_deploy_is_told_that_first() {
    let platform = Platform::start().await;
    let (sdk, viewer) = (platform.sdk().await, platform.person(Role::Viewer).await);
    let (nobody, admin) = (platform.person(Role::None).await, platform.person(Role::Admin).await);
    let wrong = |workspace: &str| {
        Some(json!({ "workspaceId": workspace, "applicationId": "any", "replicas": "many" }))
    };
    let ask = async |token: &str, workspace: &str| {
        platform.call(Method::POST, "/deployments", Some(token), wrong(workspace)).await
    };
    let ours = platform.workspace.as_str();
    ask(&sdk, ours).await.refused(StatusCode::FORBIDDEN);
    ask(&viewer, ours).await.refused(StatusCode::FORBIDDEN);
    ask(&nobody, ours).await.refused(StatusCode::NOT_FOUND);
    ask(&sdk, "another-work-space").await.refused(StatusCode::NOT_FOUND);
    let complaint = ask(&admin, ours).await;
    complaint.refused(StatusCode::BAD_REQUEST);
    assert!(complaint.body["message"].as_str().unwrap_or_default().starts_with("applicationId"));
    let empty = platform.call(Method::POST, "/deployments", Some(&sdk), Some(json!({}))).await;
    empty.refused(StatusCode::BAD_REQUEST);
    platform.stop().await;
}
