//! Visitors, applications and real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{
        Request,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::{any, get, post},
};
use futures::{SinkExt, StreamExt, stream};
use headwater_ingress::{Ingress, Routes, Settings};
use headwater_model::Hosts;
use reqwest::{Client, redirect};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_tungstenite::{connect_async, tungstenite};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}

/// An application that says what it was asked.
async fn application(name: &'static str) -> SocketAddr {
    let echo = |mut socket: WebSocket| async move {
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            if socket.send(Message::Text(text)).await.is_err() {
                return;
            }
        }
    };
    let show = move |headers: HeaderMap, request: Request| async move {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
        format!(
            "{name} {} cookie={} prefix={} host={}",
            request.uri(),
            text("cookie"),
            text("x-forwarded-prefix"),
            text("host")
        )
    };
    let upload = |body: Body| async move {
        let mut stream = body.into_data_stream();
        let mut bytes = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            bytes += chunk.len();
        }
        bytes.to_string()
    };
    let routes = Router::new()
        .route("/ws", get(move |upgrade: WebSocketUpgrade| async move { upgrade.on_upgrade(echo) }))
        .route("/upload", post(upload))
        .route("/login", get(|| async { ([(header::SET_COOKIE, "portal=evil")], Redirect::to("/home")) }))
        .route("/missing", get(|| async { StatusCode::IM_A_TEAPOT.into_response() }))
        .fallback(any(show));
    serve(routes).await
}

struct Doors {
    routes: Routes,
    main: SocketAddr,
    path: SocketAddr,
}

async fn doors() -> Doors {
    let routes = Routes::new();
    let settings = Settings {
        domain: "localhost".into(),
        hosts: Hosts::new("localhost", []),
        tls: false,
        session_cookie: "portal",
    };
    let ingress = Ingress::new(routes.clone(), settings);
    let platform = Router::new().fallback(|| async { "platform" });
    let main = serve(ingress.clone().in_front_of(platform)).await;
    let path = serve(ingress.by_path()).await;
    Doors { routes, main, path }
}

fn client() -> Client {
    Client::builder().redirect(redirect::Policy::none()).build().unwrap()
}

#[tokio::test]
async fn hosts_and_paths_lead_to_the_application() {
    let doors = doors().await;
    doors.routes.set("dash-a-b-c", &[application("one").await]);
    let by_host = client()
        .get(format!("http://{}/x?y=1", doors.main))
        .header("host", "dash-a-b-c.localhost:8000")
        .header("cookie", "portal=secret; mine=1");
    let text = by_host.send().await.unwrap().text().await.unwrap();
    assert_eq!(text, "one /x?y=1 cookie=mine=1 prefix=- host=dash-a-b-c.localhost:8000");

    let by_path = client().get(format!("http://{}/dash-a-b-c/x?y=1", doors.path)).send().await.unwrap();
    assert!(by_path.text().await.unwrap().starts_with("one /x?y=1 cookie=- prefix=/dash-a-b-c"));

    let bare = client().get(format!("http://{}/dash-a-b-c?q=1", doors.path)).send().await.unwrap();
    assert_eq!(bare.headers()["location"], "/dash-a-b-c/?q=1");
    let own =
        client().get(format!("http://{}/", doors.main)).header("host", "localhost").send().await.unwrap();
    assert_eq!(own.text().await.unwrap(), "platform");
}

/// As HTTP/2 does it: the host stands in the address alone.
#[tokio::test]
async fn a_host_without_a_header_reaches_the_application() {
    let doors = doors().await;
    doors.routes.set("app", &[application("one").await]);
    let mut socket = tokio::net::TcpStream::connect(doors.main).await.unwrap();
    socket.write_all(b"GET http://app.localhost/x HTTP/1.1\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("one /x cookie=- prefix=- host=app.localhost"), "{answer}");
}

#[tokio::test]
async fn trouble_has_a_status_and_words() {
    let doors = doors().await;
    let at = |label: &str| client().get(format!("http://{}/{label}/", doors.path)).send();
    assert_eq!(at("nobody").await.unwrap().status(), 404);
    doors.routes.set("empty", &[]);
    assert_eq!(at("empty").await.unwrap().status(), 503);
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    doors.routes.set("dead", &[dead]);
    assert_eq!(at("dead").await.unwrap().status(), 502);
    let page = client().get(format!("http://{}/dead/", doors.path)).header("accept", "text/html").send();
    assert!(page.await.unwrap().text().await.unwrap().contains("<h1>No answer</h1>"));
    let foreign = client().get(format!("http://{}/dead/", doors.path)).header("host", "evil.example").send();
    let foreign = foreign.await.unwrap();
    assert_eq!(foreign.status(), 421);
    let id = foreign.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: serde_json::Value = serde_json::from_slice(&foreign.bytes().await.unwrap()).unwrap();
    assert_eq!((body["requestId"].as_str(), body["correlationId"].as_str()), (Some(&*id), Some(&*id)));
    assert_eq!(body["code"], "unknown-host");
    doors.routes.remove("dead");
    assert_eq!(at("dead").await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_replica_that_takes_no_connection_is_passed_over() {
    let doors = doors().await;
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    doors.routes.set("app", &[dead, application("alive").await]);
    for _ in 0..4 {
        let sent = client().post(format!("http://{}/app/upload", doors.path)).body(vec![7; 100_000]).send();
        assert_eq!(sent.await.unwrap().text().await.unwrap(), "100000");
    }
}

#[tokio::test]
async fn bodies_stream_and_are_not_limited() {
    let doors = doors().await;
    doors.routes.set("app", &[application("one").await]);
    let chunks = stream::iter((0..512).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 64 * 1024])));
    let sent =
        client().post(format!("http://{}/app/upload", doors.path)).body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(sent.send().await.unwrap().text().await.unwrap(), (512 * 64 * 1024).to_string());
}

#[tokio::test]
async fn applications_cannot_set_the_portals_cookie_and_redirect_below_their_path() {
    let doors = doors().await;
    doors.routes.set("app", &[application("one").await]);
    let answer = client().get(format!("http://{}/app/login", doors.path)).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/app/home");
    assert!(!answer.headers().contains_key("set-cookie"));
    let status = client().get(format!("http://{}/app/missing", doors.path)).send().await.unwrap().status();
    assert_eq!(status, 418);
}

#[tokio::test]
async fn web_sockets_pass_both_doors() {
    let doors = doors().await;
    doors.routes.set("app", &[application("one").await]);
    let by_path =
        tungstenite::client::IntoClientRequest::into_client_request(format!("ws://{}/app/ws", doors.path));
    let mut by_host =
        tungstenite::client::IntoClientRequest::into_client_request(format!("ws://{}/ws", doors.main))
            .unwrap();
    by_host.headers_mut().insert("host", "app.localhost".parse().unwrap());
    for request in [by_path.unwrap(), by_host] {
        let (mut socket, _) = connect_async(request).await.unwrap();
        for word in ["hello", "again"] {
            socket.send(tungstenite::Message::text(word)).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap().into_text().unwrap(), word);
        }
    }
}
