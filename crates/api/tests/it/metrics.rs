//! `/metrics`: who may read it, and what it says.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo, http::Request};
use headwater_model::Role;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::platform::Platform;

/// What a caller without a token is told, from an address, with further headers.
async fn from(platform: &Platform, address: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
    let mut request = Request::builder().uri("/metrics").header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let address: SocketAddr = address.parse().expect("an address");
    let request = request.extension(ConnectInfo(address)).body(Body::empty()).expect("a request");
    let answer = platform.router.clone().oneshot(request).await.expect("routers do not fail");
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn figures_of_the_platform_are_for_this_machine_and_administrators() {
    let platform = Platform::start().await;
    for here in ["127.0.0.1:5000", "[::1]:5000", "[::ffff:127.0.0.2]:5000"] {
        assert_eq!(from(&platform, here, &[]).await.0, StatusCode::OK, "{here}");
    }
    assert_eq!(from(&platform, "10.0.0.7:5000", &[]).await.0, StatusCode::UNAUTHORIZED);
    for proxied in ["forwarded", "x-forwarded-for", "x-real-ip"] {
        let answer = from(&platform, "127.0.0.1:5000", &[(proxied, "10.0.0.7")]).await.0;
        assert_eq!(answer, StatusCode::UNAUTHORIZED, "{proxied}");
    }
    let mut shown = vec![(platform.sdk().await, false)];
    for (role, may) in
        [(Role::Admin, true), (Role::Manager, true), (Role::Editor, false), (Role::Viewer, false)]
    {
        shown.push((platform.person(role).await, may));
    }
    for (token, may) in shown {
        let answer = platform.call(Method::GET, "/metrics", Some(&token), None).await;
        match may {
            true => assert_eq!(answer.status, StatusCode::OK, "{}", answer.body),
            false => answer.refused(StatusCode::FORBIDDEN),
        }
    }
    platform.call(Method::GET, "/metrics", None, None).await.refused(StatusCode::UNAUTHORIZED);
    platform.call(Method::GET, "/metrics", Some("pat-wrong"), None).await.refused(StatusCode::UNAUTHORIZED);
    // On this machine a token still says who it is.
    let wrong = [("authorization", "Bearer pat-wrong")];
    assert_eq!(from(&platform, "127.0.0.1:5000", &wrong).await.0, StatusCode::UNAUTHORIZED);
    platform.stop().await;
}

#[tokio::test]
async fn requests_are_told_by_route_and_not_by_address() {
    let platform = Platform::start().await;
    let admin = platform.person(Role::Admin).await;
    let workspace = platform.workspace.clone();
    for (method, path, status) in [
        (Method::GET, format!("/{workspace}/topics/cars"), StatusCode::NOT_FOUND),
        (Method::GET, format!("/{workspace}/topics/bikes"), StatusCode::NOT_FOUND),
        (Method::GET, format!("/{workspace}/topics"), StatusCode::OK),
        (Method::GET, "/no/such/place/at-all".into(), StatusCode::NOT_FOUND),
        ("BREW".parse().expect("a method"), format!("/{workspace}/topics"), StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = platform.call(method, &path, Some(&admin), None).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let (status, text) = from(&platform, "127.0.0.1:5000", &[]).await;
    assert_eq!(status, StatusCode::OK);
    let total = "headwater_http_requests_total";
    for line in [
        format!("{total}{{method=\"GET\",route=\"/{{workspaceId}}/topics/{{topic}}\",status=\"404\"}} 2"),
        format!("{total}{{method=\"GET\",route=\"/{{workspaceId}}/topics\",status=\"200\"}} 1"),
        format!("{total}{{method=\"GET\",route=\"other\",status=\"404\"}} 1"),
        format!("{total}{{method=\"other\",route=\"/{{workspaceId}}/topics\",status=\"405\"}} 1"),
        "headwater_http_request_duration_seconds_count{method=\"GET\",route=\"other\"} 1".into(),
        "headwater_live_sockets 0".into(),
        "headwater_builds_queued 0".into(),
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("bikes"), "{text}");
    platform.stop().await;
}
