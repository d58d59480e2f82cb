//! Smart HTTP for Git clients, by `git http-backend`.

mod cgi;
mod exchange;
mod service;

use bytes::Bytes;
use futures::stream;
use headwater_model::ProjectId;
use http::{HeaderMap, Request, Response, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use tokio::{process::Command, sync::mpsc};

use crate::{Error, Repositories, Result, repositories::missing};
use exchange::Exchange;
pub use service::Service;

/// What a Git client is answered, as it comes. Ends with an error when Git's answer was cut short.
pub type ResponseBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// Most bytes of one push.
const PUSH: u64 = 2 << 30;

/// Git's configuration for clients' requests; the machine's and the user's are not read.
const CONFIGURATION: &[(&str, &str)] = &[
    ("safe.directory", "*"),
    ("core.hooksPath", "/dev/null"),
    // A push that was answered survives a power cut.
    ("core.fsync", "committed,reference"),
    ("http.uploadpack", "true"),
    ("http.receivepack", "true"),
    ("http.getanyfile", "false"),
    ("uploadpack.allowFilter", "true"),
    ("receive.fsckObjects", "true"),
    ("receive.denyDeleteCurrent", "refuse"),
    ("receive.denyNonFastForwards", "false"),
    ("receive.denyDeletes", "false"),
    // Housekeeping ends with its request, and keeps commits that no branch has any more: deployments run them.
    ("gc.autoDetach", "false"),
    ("gc.pruneExpire", "never"),
];

impl Repositories {
    /// Answers a Git client. `rest` is the path that follows `….git/`; `user` names who pushes in Git's own records.
    /// The caller has authorised what [`Service::of`] says the request is; everything else is NotFound here.
    ///
    /// Bodies stream both ways. Git's processes end when the answer is dropped, and with [`Repositories::close`].
    pub async fn smart_http<B>(
        &self,
        project: &ProjectId,
        request: Request<B>,
        rest: &str,
        user: &str,
    ) -> Result<Response<ResponseBody>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let service = Service::of(&head.method, rest, head.uri.query())
            .ok_or_else(|| Error::NotFound(format!("Git has no '{rest}' here")))?;
        if !self.exists(project).await? {
            return Err(missing(project));
        }
        let moving = service == Service::Push && rest == service.program();
        let before = if moving { Some(self.snapshot(project).await?) } else { None };
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| Error::Git("closed".into()))?;
        let command = self.backend(project, &head, service, rest, user)?;
        let mut exchange = Exchange::start(command)?;
        let (head, answered) = tokio::sync::oneshot::channel();
        let (output, chunks) = mpsc::channel(8);
        let (this, project) = (self.clone(), project.clone());
        self.tasks.spawn(async move {
            let done = exchange.run(body, head, &output, &this.stop).await;
            if let Some(before) = before {
                this.tell(&project, before).await;
            }
            if done {
                exchange::end(&output).await;
            }
            drop(slot);
        });
        let head = answered.await.map_err(|_| Error::Git("git http-backend was ended".into()))??;
        let mut response = Response::new(streamed(chunks));
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        Ok(response)
    }

    /// Tells of a push that moved something; when that cannot be seen, it may have.
    async fn tell(&self, project: &ProjectId, before: std::collections::BTreeMap<String, String>) {
        if self.snapshot(project).await.is_ok_and(|after| after == before) {
            return;
        }
        // Nobody may be listening.
        let _ = self.pushed.send(crate::Pushed { project: project.clone() });
    }

    fn backend(
        &self,
        project: &ProjectId,
        head: &http::request::Parts,
        service: Service,
        rest: &str,
        user: &str,
    ) -> Result<Command> {
        let mut command = Command::new("git");
        command.arg("http-backend").env_clear().current_dir(&self.root);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs([
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_HTTP_EXPORT_ALL", "1"),
            ("REQUEST_METHOD", head.method.as_str()),
        ]);
        command.env("GIT_PROJECT_ROOT", self.root.as_os_str());
        command.env("PATH_INFO", format!("/{project}.git/{rest}"));
        let advertise = rest == service::ADVERTISE;
        command.env("QUERY_STRING", if advertise { service.query() } else { String::new() });
        let user: String = user.chars().filter(|c| !c.is_control()).collect();
        command.env("REMOTE_USER", user);
        command.envs(passed(&head.headers)?);
        configure(&mut command);
        Ok(command)
    }
}

fn configure(command: &mut Command) {
    let largest = PUSH.to_string();
    let all = CONFIGURATION.iter().copied().chain([("receive.maxInputSize", largest.as_str())]);
    let mut count = 0;
    for (key, value) in all {
        command.env(format!("GIT_CONFIG_KEY_{count}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
        count += 1;
    }
    command.env("GIT_CONFIG_COUNT", count.to_string());
}

/// The request's headers that Git reads, as CGI names them.
fn passed(headers: &HeaderMap) -> Result<Vec<(&'static str, String)>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let length = text(header::CONTENT_LENGTH.as_str()).filter(|value| value.parse::<u64>().is_ok());
    // The wire protocol's version and options: `version=2`, separated by colons.
    let known = |value: &String| {
        value.len() <= 128 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"=:.-_".contains(&b))
    };
    let encoding = text(header::CONTENT_ENCODING.as_str()).filter(|value| value != "identity");
    if let Some(other) = encoding.as_ref().filter(|value| !["gzip", "x-gzip"].contains(&value.as_str())) {
        return Err(Error::Invalid(format!("the encoding '{other}' is not known here; send gzip or none")));
    }
    let all = [
        ("CONTENT_TYPE", text(header::CONTENT_TYPE.as_str())),
        ("CONTENT_LENGTH", length),
        ("HTTP_CONTENT_ENCODING", encoding),
        ("GIT_PROTOCOL", text("git-protocol").filter(known)),
    ];
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// The chunks as a body. An empty one closes it; without that, the answer was cut short.
fn streamed(chunks: mpsc::Receiver<Bytes>) -> ResponseBody {
    let stream = stream::unfold(Some(chunks), |chunks| async {
        let mut chunks = chunks?;
        match chunks.recv().await {
            Some(end) if end.is_empty() => None,
            Some(chunk) => Some((Ok(Frame::data(chunk)), Some(chunks))),
            None => Some((Err(std::io::Error::other("Git's answer was cut short")), None)),
        }
    });
    StreamBody::new(stream).boxed_unsync()
}
