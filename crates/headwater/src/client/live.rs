//! A channel of the live socket that outlives connections: it goes on after the last event that was seen.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error as Broken, Message, client::IntoClientRequest, http::header},
};

use super::Access;

/// The platform pings more often than this; whoever hears nothing for so long is alone.
const SILENCE: Duration = Duration::from_secs(40);
/// Pauses before the platform is asked again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What happens on a channel.
#[derive(Debug, PartialEq)]
pub enum Seen {
    /// Something new.
    Event(Value),
    /// The connection was cut; it is made anew.
    Cut,
    /// Nothing more will come.
    Closed,
}

/// A channel.
pub struct Follower {
    access: Arc<Access>,
    channel: Value,
    cursor: Option<String>,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    pause: Duration,
}

/// What the platform says.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Frame {
    Opened { cursor: String },
    Event { cursor: String, data: Value },
    Reset { cursor: String },
    Error { error: Refusal },
    Closed,
    Ping,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// Why a connection is of no use.
enum Trouble {
    /// It can be made anew.
    Cut,
    /// It would not help.
    Refused(anyhow::Error),
}

impl Follower {
    pub(super) fn new(access: Arc<Access>, channel: Value) -> Self {
        Self { access, channel, cursor: None, socket: None, pause: FIRST_PAUSE }
    }

    /// The next thing that happens. An error says that asking again is of no use.
    pub async fn next(&mut self) -> Result<Seen> {
        loop {
            let outcome = match &self.socket {
                Some(_) => self.receive().await,
                None => self.connect().await.map(|()| None),
            };
            match outcome {
                Ok(Some(seen)) => return Ok(seen),
                Ok(None) => {}
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Cut) if self.socket.take().is_some() => return Ok(Seen::Cut),
                Err(Trouble::Cut) => {
                    sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<(), Trouble> {
        // A platform that is being started anew has no address for a while. Who never reached it is told why.
        let door = self.access.door().await.map_err(|error| self.trouble(error))?;
        let url = format!("{}/live", door.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().map_err(|error| Trouble::Refused(error.into()))?;
        let token = format!("Bearer {}", door.token).parse().context("the token is none");
        request.headers_mut().insert(header::AUTHORIZATION, token.map_err(Trouble::Refused)?);
        let (mut socket, _) = match timeout(SILENCE, connect_async(request)).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(Broken::Http(answer))) if answer.status().is_client_error() => {
                let refused = anyhow!("the platform refused the connection: {}", answer.status());
                return Err(Trouble::Refused(refused));
            }
            Ok(Err(error)) => return Err(self.trouble(error.into())),
            Err(_) => return Err(self.trouble(anyhow!("the platform does not answer"))),
        };
        let mut open = self.channel.clone();
        open["op"] = json!("open");
        open["ch"] = json!(1);
        if let Some(cursor) = &self.cursor {
            open["cursor"] = json!(cursor);
        }
        socket.send(Message::text(open.to_string())).await.map_err(|_| Trouble::Cut)?;
        self.socket = Some(socket);
        Ok(())
    }

    fn trouble(&self, error: anyhow::Error) -> Trouble {
        if self.cursor.is_some() { Trouble::Cut } else { Trouble::Refused(error) }
    }

    async fn receive(&mut self) -> Result<Option<Seen>, Trouble> {
        let Some(socket) = &mut self.socket else { return Ok(None) };
        let text = match timeout(SILENCE, socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return Err(Trouble::Cut),
            Ok(Some(Ok(_))) => return Ok(None),
        };
        let frame = serde_json::from_str(&text).context("the platform says what nobody understands");
        match frame.map_err(Trouble::Refused)? {
            Frame::Opened { cursor } | Frame::Reset { cursor } => {
                self.cursor = Some(cursor);
                self.pause = FIRST_PAUSE;
                Ok(None)
            }
            Frame::Event { cursor, data } => {
                self.cursor = Some(cursor);
                Ok(Some(Seen::Event(data)))
            }
            Frame::Error { error } => Err(Trouble::Refused(anyhow!("{}", error.message))),
            Frame::Closed => Ok(Some(Seen::Closed)),
            Frame::Ping => {
                let pong = Message::text(r#"{"op":"pong"}"#);
                socket.send(pong).await.map_err(|_| Trouble::Cut).map(|()| None)
            }
        }
    }
}
