//! Looking for lines in what deployments and builds say.

use axum::{Json, extract::State};
use headwater_control::{Choice, Direction, LogMatch, LogMatches, SearchLogs};
use headwater_model::DeploymentId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::log_view::{EntryView, LevelView, SourceView};
use crate::{
    App,
    error::{Error, Result},
    extract::{Caller, Path, Query},
};

/// Lines found when no other number is asked for.
const FOUND: usize = 100;
const MOST_FOUND: usize = 1000;
const MOST_AROUND: usize = 10;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Which line comes first.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    /// The newest.
    #[default]
    Backward,
    /// The oldest.
    Forward,
}

impl From<Order> for Direction {
    fn from(order: Order) -> Self {
        match order {
            Order::Backward => Self::Backward,
            Order::Forward => Self::Forward,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct SearchQuery {
    /// Lines that hold this.
    text: Option<String>,
    /// Lines that this regular expression matches, in place of `text`.
    regex: Option<String>,
    /// Whether capital letters differ from small ones.
    #[serde(default)]
    case_sensitive: bool,
    /// Lines that are this loud or louder.
    #[param(inline)]
    level: Option<LevelView>,
    /// RFC 3339; not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// RFC 3339; before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    version: Option<u32>,
    /// Number of the replica.
    replica: Option<u32>,
    /// Run of the replica.
    attempt: Option<u32>,
    /// `run`, or `build` for a build log.
    #[serde(default)]
    #[param(inline)]
    source: SourceView,
    /// `backward`: the newest line first.
    #[serde(default)]
    #[param(inline)]
    direction: Order,
    /// Lines on both sides of each that is found, up to 10.
    #[serde(default)]
    context: usize,
    /// 1 to 1000; 100.
    limit: Option<usize>,
    /// Where an earlier call stopped.
    cursor: Option<String>,
}

/// Lines that were found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogSearch)]
struct SearchView {
    /// In the order that was asked for.
    matches: Vec<MatchView>,
    /// Where to go on; nothing when there is no more.
    cursor: Option<String>,
    /// Bytes that were looked through.
    scanned_bytes: u64,
    /// Whether all was looked at that the call could look at; otherwise go on with `cursor`.
    complete: bool,
}

/// A line that was found, and lines around it in the same run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogMatch)]
struct MatchView {
    entry: EntryView,
    before: Vec<EntryView>,
    after: Vec<EntryView>,
}

impl From<LogMatch> for MatchView {
    fn from(found: LogMatch) -> Self {
        let all = |entries: Vec<_>| entries.into_iter().map(EntryView::from).collect();
        Self { entry: found.entry.into(), before: all(found.before), after: all(found.after) }
    }
}

/// Looks for lines in all output that is kept, over runs and replicas, in the order of time.
///
/// A call looks through what about a second allows and answers at most some megabytes; `cursor` goes on.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/search", tag = "logs",
    params(("deploymentId" = String, Path), SearchQuery), responses((status = 200, body = SearchView)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn search(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<SearchView>> {
    let limit = query.limit.unwrap_or(FOUND);
    if !(1..=MOST_FOUND).contains(&limit) {
        return Err(Error::invalid(format!("limit: {limit} is not between 1 and {MOST_FOUND}")));
    }
    if query.context > MOST_AROUND {
        return Err(Error::invalid(format!("context: {} is more than {MOST_AROUND}", query.context)));
    }
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let asked = SearchLogs {
        text: given(query.text),
        regex: given(query.regex),
        case_sensitive: query.case_sensitive,
        level: query.level.map(Into::into),
        from: query.from,
        to: query.to,
        choice: Choice { replica: query.replica, version: query.version, attempt: query.attempt },
        direction: query.direction.into(),
        context: query.context,
        limit,
        cursor: given(query.cursor),
    };
    let deployments = &app.control.deployments;
    let found = match query.source {
        SourceView::Run => deployments.search(&who, DeploymentId(id), asked).await?,
        SourceView::Build => deployments.search_build(&who, DeploymentId(id), asked).await?,
    };
    let LogMatches { matches, cursor, scanned_bytes, complete } = found;
    let matches = matches.into_iter().map(MatchView::from).collect();
    Ok(Json(SearchView { matches, cursor, scanned_bytes, complete }))
}
