//! Settings of topics and of the broker.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        alter_configs_response::AlterConfigsResourceResponse,
        describe_configs_request::DescribeConfigsResource,
        describe_configs_response::{
            DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
        },
        incremental_alter_configs_request::AlterableConfig,
        incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResourceResponse,
    },
    protocol::StrBytes,
};

use super::{Context, failure, once, some, text};
use crate::{
    BrokerOptions, Error, Result,
    broker::NODE_ID,
    catalogue::{
        Overrides,
        settings::{self, SETTINGS, Setting, Type},
    },
};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

const TOPIC_SOURCE: i8 = 1;
const STATIC_SOURCE: i8 = 4;
const DEFAULT_SOURCE: i8 = 5;

/// Where a topic's value comes from.
pub(super) fn source(set: bool) -> i8 {
    if set { TOPIC_SOURCE } else { DEFAULT_SOURCE }
}

pub(super) fn describe_configs(cx: &Context, mut request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let asked = std::mem::take(&mut request.resources);
    let asked = once(asked, |r| (r.resource_type, r.resource_name.clone()));
    let results = asked.iter().map(|resource| {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match describe(cx, resource, &request) {
            Ok(configs) => result.with_configs(configs),
            Err(error) => {
                let (code, message) = failure(&error);
                result.with_error_code(code).with_error_message(message)
            }
        }
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn describe(
    cx: &Context,
    resource: &DescribeConfigsResource,
    request: &DescribeConfigsRequest,
) -> Result<Vec<DescribeConfigsResourceResult>> {
    let wanted = |name: &str| {
        resource.configuration_keys.as_ref().is_none_or(|keys| keys.iter().any(|key| &**key == name))
    };
    let document = request.include_documentation && cx.version >= 3;
    match resource.resource_type {
        TOPIC => {
            let overrides = topic(cx, &resource.resource_name, Action::Read)?;
            let settings = SETTINGS.iter().filter(|s| wanted(s.name));
            Ok(settings
                .map(|s| topic_setting(cx, s, &overrides, request.include_synonyms, document))
                .collect())
        }
        BROKER => {
            broker(&resource.resource_name)?;
            let settings = broker_settings(&cx.broker.options).into_iter().filter(|s| wanted(s.0));
            Ok(settings.map(|s| broker_setting(cx, s)).collect())
        }
        other => Err(unknown_resource(other)),
    }
}

fn topic(cx: &Context, name: &str, action: Action) -> Result<std::sync::Arc<Overrides>> {
    let found = cx.existing(name, action).map_err(|error| match error {
        ResponseError::UnknownTopicOrPartition => Error::UnknownTopic(name.to_owned()),
        other => Error::invalid(other, format!("topic '{name}' is outside of what these credentials reach")),
    })?;
    Ok(found.overrides())
}

fn broker(name: &str) -> Result<()> {
    // By its letters: numbers have many spellings, each of which would have an answer.
    match name.is_empty() || name == NODE_ID.to_string() {
        true => Ok(()),
        false => {
            Err(Error::invalid(ResponseError::InvalidRequest, format!("the one broker has the id {NODE_ID}")))
        }
    }
}

fn unknown_resource(kind: i8) -> Error {
    Error::invalid(ResponseError::InvalidRequest, format!("resources of type {kind} have no settings here"))
}

fn topic_setting(
    cx: &Context,
    setting: &Setting,
    overrides: &Overrides,
    synonyms: bool,
    document: bool,
) -> DescribeConfigsResourceResult {
    let set = overrides.get(setting.name);
    let synonym = |name: &str, value: &str, source| {
        DescribeConfigsSynonym::default().with_name(text(name)).with_value(some(value)).with_source(source)
    };
    let default = synonym(setting.broker, setting.default, DEFAULT_SOURCE);
    let own = set.map(|value| synonym(setting.name, value, TOPIC_SOURCE));
    let result = DescribeConfigsResourceResult::default()
        .with_name(text(setting.name))
        .with_value(some(set.map_or(setting.default, String::as_str)))
        .with_config_source(source(set.is_some()))
        .with_synonyms(if synonyms { own.into_iter().chain([default]).collect() } else { Vec::new() });
    let result = if document { result.with_documentation(some(setting.doc)) } else { result };
    if cx.version >= 3 { result.with_config_type(setting.kind as i8) } else { result }
}

type BrokerSetting = (&'static str, Type, String, i8);

/// What the broker runs with; given when it starts.
fn broker_settings(options: &BrokerOptions) -> Vec<BrokerSetting> {
    let own = [
        ("auto.create.topics.enable", Type::Boolean, options.auto_create_topics.to_string()),
        ("broker.id", Type::Int, NODE_ID.to_string()),
        ("connections.max.idle.ms", Type::Long, options.idle_timeout.as_millis().to_string()),
        ("default.replication.factor", Type::Int, "1".into()),
        (
            "group.initial.rebalance.delay.ms",
            Type::Int,
            options.groups.initial_rebalance_delay_ms.to_string(),
        ),
        ("group.max.session.timeout.ms", Type::Int, options.groups.max_session_ms.to_string()),
        ("group.max.size", Type::Int, options.groups.max_members.to_string()),
        ("group.min.session.timeout.ms", Type::Int, options.groups.min_session_ms.to_string()),
        ("max.connections", Type::Int, options.max_connections.to_string()),
        ("node.id", Type::Int, NODE_ID.to_string()),
        ("num.partitions", Type::Int, options.default_partitions.to_string()),
        ("offsets.retention.minutes", Type::Int, (options.groups.offsets_retention_ms / 60_000).to_string()),
        ("offsets.topic.replication.factor", Type::Int, "1".into()),
        ("socket.request.max.bytes", Type::Int, options.max_request_bytes.to_string()),
        ("transaction.max.timeout.ms", Type::Int, options.max_transaction_timeout.as_millis().to_string()),
    ];
    let own = own.into_iter().map(|(name, kind, value)| (name, kind, value, STATIC_SOURCE));
    let defaults = SETTINGS.iter().map(|s| (s.broker, s.kind, s.default.to_owned(), DEFAULT_SOURCE));
    own.chain(defaults).collect()
}

fn broker_setting(cx: &Context, (name, kind, value, source): BrokerSetting) -> DescribeConfigsResourceResult {
    let result = DescribeConfigsResourceResult::default()
        .with_name(text(name))
        .with_value(some(&value))
        .with_read_only(true)
        .with_config_source(source);
    if cx.version >= 3 { result.with_config_type(kind as i8) } else { result }
}

pub(super) async fn alter_configs(cx: &Context, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let mut responses = Vec::new();
    for resource in request.resources {
        // What is not named goes back to its default.
        let named = resource.configs.iter();
        let named: Overrides = named
            .filter_map(|c| c.value.as_ref().map(|value| (c.name.to_string(), value.to_string())))
            .collect();
        let change = move |_: &Overrides| Ok(named);
        let altered =
            alter(cx, resource.resource_type, &resource.resource_name, request.validate_only, change).await;
        let (code, message) = altered.as_ref().err().map(failure).unwrap_or_default();
        responses.push(
            AlterConfigsResourceResponse::default()
                .with_error_code(code)
                .with_error_message(message)
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name),
        );
    }
    AlterConfigsResponse::default().with_responses(responses)
}

pub(super) async fn incremental_alter_configs(
    cx: &Context,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let mut responses = Vec::new();
    for resource in request.resources {
        let configs = resource.configs;
        let change = move |overrides: &Overrides| configs.iter().try_fold(overrides.clone(), apply);
        let altered =
            alter(cx, resource.resource_type, &resource.resource_name, request.validate_only, change).await;
        let (code, message) = altered.as_ref().err().map(failure).unwrap_or_default();
        responses.push(
            IncrementalResourceResponse::default()
                .with_error_code(code)
                .with_error_message(message)
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name),
        );
    }
    IncrementalAlterConfigsResponse::default().with_responses(responses)
}

async fn alter(
    cx: &Context,
    kind: i8,
    name: &StrBytes,
    validate_only: bool,
    change: impl FnOnce(&Overrides) -> Result<Overrides> + Send + 'static,
) -> Result<()> {
    match kind {
        TOPIC => {
            let overrides = topic(cx, name, Action::Update)?;
            match validate_only {
                true => settings::check(&change(&overrides)?),
                false => cx.broker.catalogue.alter(name.to_string(), change).await,
            }
        }
        BROKER => {
            let reason = "the broker's settings are given when it starts";
            Err(Error::invalid(ResponseError::InvalidRequest, reason))
        }
        other => Err(unknown_resource(other)),
    }
}

/// One change: set, delete, append to a list, subtract from a list.
fn apply(mut overrides: Overrides, config: &AlterableConfig) -> Result<Overrides> {
    let invalid = |reason: String| Error::invalid(ResponseError::InvalidConfig, reason);
    let name = config.name.to_string();
    let setting =
        settings::setting(&name).ok_or_else(|| invalid(format!("'{name}' is not a topic setting")))?;
    if config.config_operation == 1 {
        overrides.remove(&name);
        return Ok(overrides);
    }
    let value = config.value.as_ref().ok_or_else(|| invalid(format!("{name} needs a value")))?;
    let words = |list: &str| -> Vec<String> {
        list.split(',').map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let listed = words(overrides.get(&name).map_or(setting.default, String::as_str));
    let value = match config.config_operation {
        0 => value.to_string(),
        2 | 3 if setting.kind != Type::List => {
            return Err(invalid(format!("{name} is not a list")));
        }
        2 => {
            let added = words(value).into_iter().filter(|w| !listed.contains(w)).collect::<Vec<_>>();
            [listed, added].concat().join(",")
        }
        3 => {
            let removed = words(value);
            listed.into_iter().filter(|w| !removed.contains(w)).collect::<Vec<_>>().join(",")
        }
        other => {
            return Err(Error::invalid(
                ResponseError::InvalidRequest,
                format!("operation {other} is not known"),
            ));
        }
    };
    overrides.insert(name, value);
    Ok(overrides)
}
