//! The live socket's refusals.

use futures::{SinkExt, StreamExt};
use headwater_model::Role;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::platform::Platform;

#[tokio::test]
async fn what_is_no_websocket_is_refused_in_the_one_shape() {
    let platform = Platform::start().await;
    platform.call(Method::GET, "/live", None, None).await.refused(StatusCode::UNAUTHORIZED);
    platform.call(Method::GET, "/live", Some("wrong"), None).await.refused(StatusCode::UNAUTHORIZED);
    let viewer = platform.person(Role::Viewer).await;
    platform.call(Method::GET, "/live", Some(&viewer), None).await.refused(StatusCode::BAD_REQUEST);
    platform.stop().await;
}

#[tokio::test]
async fn errors_on_the_socket_carry_the_id_of_its_request() {
    let platform = Platform::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(axum::serve(listener, platform.router.clone()).into_future());
    let token = platform.person(Role::Viewer).await;
    let url = format!("ws://{address}/live?access_token={token}");
    let (mut socket, answer) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();

    for frame in [
        json!({ "op": "open", "ch": 7, "kind": "changes", "workspaceId": "no-such-thing" }),
        json!({ "op": "open", "ch": 7, "kind": "nonsense" }),
    ] {
        socket.send(Message::text(frame.to_string())).await.expect("an open socket");
        let error = loop {
            let message = socket.next().await.expect("an answer").expect("an open socket");
            let frame: Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
            if frame["op"] != "ping" {
                break frame;
            }
        };
        assert_eq!((&error["op"], &error["ch"]), (&json!("error"), &json!(7)), "{error}");
        assert_eq!(error["error"]["requestId"], id.as_str(), "{error}");
    }
    server.abort();
    platform.stop().await;
}
