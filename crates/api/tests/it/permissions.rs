//! Every route asks for the permission that it declares: each is tried as every role, as a workspace's token and as
//! nobody.

use std::time::Duration;

use headwater_control::{CreateApplication, CreateDeployment, CreateToken, CreateTopic, TokenFor};
use headwater_model::{Action, ApplicationId, Principal, Resource, Role, TopicStatus, WorkspaceId, access};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::platform::{Answer, Platform};

/// A caller, with what they show.
struct Caller {
    name: String,
    token: Option<String>,
    /// None is nobody that is known.
    principal: Option<Principal>,
}

#[tokio::test]
async fn every_route_asks_for_what_it_declares() {
    let platform = Platform::start().await;
    let callers = callers(&platform).await;
    let mut fixtures = Fixtures::new(&platform).await;
    let contract = serde_json::to_value(headwater_api::openapi()).expect("the contract is JSON");
    let mut wrong = Vec::new();
    for (path, item) in contract["paths"].as_object().expect("there are paths") {
        for (method, operation) in item.as_object().expect("a path has methods") {
            let method: Method = method.to_ascii_uppercase().parse().expect("a method");
            let permission = operation["x-permission"].as_str().expect("a permission");
            for caller in &callers {
                let address = fixtures.address(&method, path).await;
                let body = fixtures.body(&method, path, operation).await;
                let token = caller.token.as_deref();
                let answer = platform.call(method.clone(), &address, token, body).await;
                if let Err(expected) = check(caller, permission, &platform.workspace, &answer) {
                    let (status, body) = (answer.status, &answer.body);
                    wrong.push(format!(
                        "{method} {path} ({permission}) as {}: {status} instead of {expected}: {body}",
                        caller.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    platform.stop().await;
}

async fn callers(platform: &Platform) -> Vec<Caller> {
    let mut shown = vec![("a workspace's token".to_owned(), platform.sdk().await)];
    for role in [Role::Admin, Role::Manager, Role::Editor, Role::Viewer, Role::None] {
        shown.push((format!("{role:?}"), platform.person(role).await));
    }
    let mut callers = vec![
        Caller { name: "nobody".into(), token: None, principal: None },
        Caller { name: "a wrong token".into(), token: Some("sdk-wrong".into()), principal: None },
    ];
    for (name, token) in shown {
        let principal = platform.control.tokens.authenticate(&token).await.expect("an answer");
        callers.push(Caller { name, token: Some(token), principal });
    }
    callers
}

/// What was expected instead, when the answer is not what `permission` says.
fn check(
    caller: &Caller,
    permission: &str,
    workspace: &WorkspaceId,
    answer: &Answer,
) -> Result<(), &'static str> {
    let Some((action, resource)) = asked(permission, workspace) else {
        return answer.status.is_success().then_some(()).ok_or("success");
    };
    let Some(principal) = &caller.principal else {
        return (answer.status == StatusCode::UNAUTHORIZED).then_some(()).ok_or("401");
    };
    if access::decide(principal, action, &resource) {
        return answer.status.is_success().then_some(()).ok_or("success");
    }
    // Lists across workspaces leave out what the caller may not read.
    let nothing = answer.body == json!([]);
    let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    (refused || nothing).then_some(()).ok_or("403 or 404")
}

/// The question that a declared permission stands for; none where nobody is asked who they are. What the fixtures make
/// belongs to none of the callers, so that an owner's right does not count.
fn asked(permission: &str, workspace: &WorkspaceId) -> Option<(Action, Resource)> {
    if permission == "none" {
        return None;
    }
    let (noun, action) = permission.trim_start_matches("owner or ").split_once(':').expect("noun:action");
    let action = match action {
        "read" => Action::Read,
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "write" => Action::Write,
        other => panic!("{other} is no action"),
    };
    let ws = workspace.clone();
    let resource = match noun {
        "workspace" => Resource::Workspace(ws),
        "topic" => Resource::Topic(ws),
        "broker-credentials" => Resource::BrokerCredentials(ws),
        "application" => Resource::Application(ws),
        "deployment" => Resource::Deployment(ws),
        "tokens" => Resource::Tokens(ws),
        "profile" => Resource::Profile,
        "organisation" => Resource::Organisation,
        other => panic!("{other} is no resource"),
    };
    Some((action, resource))
}

/// Things to act on. What only reads shares one of each; everything else gets a fresh one.
struct Fixtures<'a> {
    platform: &'a Platform,
    made: u32,
    application: ApplicationId,
    topic: String,
    deployment: String,
}

impl<'a> Fixtures<'a> {
    async fn new(platform: &'a Platform) -> Self {
        let (application, none) = (ApplicationId::new(), String::new());
        let mut fixtures = Self { platform, made: 0, application, topic: none.clone(), deployment: none };
        fixtures.application = fixtures.application().await;
        fixtures.topic = fixtures.topic().await;
        fixtures.deployment = fixtures.deployment().await;
        fixtures
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("thing-{}", self.made)
    }

    /// The path with things in place of parameters, and the query that it cannot do without.
    async fn address(&mut self, method: &Method, path: &str) -> String {
        let reads = method == Method::GET;
        let mut address = path.replace("{workspaceId}", self.platform.workspace.as_str());
        if address.contains("{topic}") {
            let topic = if reads { self.topic.clone() } else { self.topic().await };
            address = address.replace("{topic}", &topic);
        }
        if address.contains("{group}") {
            address = address.replace("{group}", &self.group().await);
        }
        if address.contains("{applicationId}") {
            let application = if reads { self.application } else { self.application().await };
            address = address.replace("{applicationId}", &application.to_string());
        }
        if address.contains("{deploymentId}") {
            let deployment = if reads { self.deployment.clone() } else { self.deployment().await };
            address = address.replace("{deploymentId}", &deployment);
        }
        if address.contains("{tokenId}") {
            address = address.replace("{tokenId}", &self.token().await);
        }
        address = address.replace("{runId}", "1-0-1").replace("{version}", "1");
        if path.ends_with("/changes") {
            address.push_str("?against=1");
        }
        if path == "/auth/permissions/query" {
            address.push_str("?resourceType=Profile&permission=Read");
        }
        assert!(!address.contains('{'), "{path} has a parameter that this test does not know");
        address
    }

    /// A body that the operation takes.
    async fn body(&mut self, method: &Method, path: &str, operation: &Value) -> Option<Value> {
        operation.get("requestBody")?;
        let workspace = self.platform.workspace.to_string();
        Some(match (method.as_str(), path) {
            ("POST", "/deployments") => json!({
                "workspaceId": workspace, "applicationId": self.application.to_string(), "name": self.name(),
                "autoStart": false,
            }),
            ("PATCH", "/deployments/{deploymentId}") => json!({ "replicas": 2 }),
            ("POST", "/deployments/{deploymentId}/rollback") => json!({ "version": 1 }),
            ("POST", "/{workspaceId}/topics") => json!({ "name": self.name() }),
            ("PATCH", "/{workspaceId}/topics/{topic}") => json!({ "retentionInMinutes": 60 }),
            ("POST", "/{workspaceId}/groups/{group}/offsets") => {
                json!({ "topic": self.topic, "to": "latest" })
            }
            ("POST", "/{workspaceId}/applications") => json!({ "applicationName": self.name() }),
            ("POST", "/tokens" | "/workspaces/{workspaceId}/tokens") => json!({ "name": self.name() }),
            ("POST", "/auth/sessions") => {
                let link = self.platform.control.sessions.issue_link(&Principal::Platform).await;
                json!({ "link": link.expect("a link").expose() })
            }
            _ => panic!("{method} {path} takes a body that this test does not know"),
        })
    }

    async fn application(&mut self) -> ApplicationId {
        let asked = CreateApplication { name: self.name(), path: None, language: "python".into() };
        let applications = &self.platform.control.applications;
        let made = applications.create(&Principal::Platform, &self.platform.workspace, asked).await;
        made.expect("an application").id
    }

    async fn topic(&mut self) -> String {
        let (topics, workspace) = (&self.platform.control.topics, &self.platform.workspace);
        let asked = CreateTopic {
            name: format!("{}-{}", "topic", self.made),
            partitions: None,
            replication_factor: None,
            retention_in_minutes: None,
            retention_in_bytes: None,
            cleanup_policy: None,
        };
        self.made += 1;
        let made = topics.create(&Principal::Platform, workspace, asked).await.expect("a topic");
        let ready = async {
            let now = || topics.get(&Principal::Platform, workspace, &made.name);
            while now().await.expect("the topic").value.status != TopicStatus::Ready {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ready).await.expect("a topic becomes ready");
        made.name
    }

    async fn group(&mut self) -> String {
        let name = self.name();
        let topic = self.platform.workspace.topic(&self.topic).expect("a name");
        let group = format!("{}-{name}", self.platform.workspace);
        self.platform.broker.move_group(&group, vec![(topic.to_string(), 0, 0)]).await.expect("a group");
        name
    }

    async fn deployment(&mut self) -> String {
        let asked = CreateDeployment {
            name: Some(self.name()),
            running: Some(false),
            ..CreateDeployment::of(self.application)
        };
        let deployments = &self.platform.control.deployments;
        let made = deployments.create(&Principal::Platform, &self.platform.workspace, asked).await;
        made.expect("a deployment").id.to_string()
    }

    async fn token(&mut self) -> String {
        let kind = TokenFor::Sdk(self.platform.workspace.clone());
        let asked = CreateToken { name: self.name(), kind, expires_at: None };
        let made = self.platform.control.tokens.create(&Principal::Platform, asked).await;
        made.expect("a token").0.id.to_string()
    }
}

#[tokio::test]
async fn ones_own_token_can_be_revoked_without_a_permission() {
    let platform = Platform::start().await;
    let viewer = platform.person(Role::Viewer).await;
    let made = platform.call(Method::POST, "/tokens", Some(&viewer), Some(json!({ "name": "mine" }))).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let path = format!("/tokens/{}", made.body["tokenId"].as_str().expect("an id"));
    let sdk = platform.sdk().await;
    platform.call(Method::DELETE, &path, Some(&sdk), None).await.refused(StatusCode::NOT_FOUND);
    let revoked = platform.call(Method::DELETE, &path, Some(&viewer), None).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{}", revoked.body);
    platform.stop().await;
}
