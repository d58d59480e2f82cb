//! The Portal API, one noun a file. Addresses and members are those that Quix's clients use.

mod applications;
mod authorisation;
mod deployment_health;
mod deployment_history;
mod deployment_log_history;
mod deployment_log_search;
mod deployment_logs;
mod deployment_view;
mod deployments;
mod groups;
mod log_view;
mod metrics;
mod profile;
pub(crate) mod sessions;
mod tokens;
mod topics;
mod workspaces;

use headwater_control::User;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(workspaces::routes())
        .merge(topics::routes())
        .merge(groups::routes())
        .merge(applications::routes())
        .merge(deployments::routes())
        .merge(deployment_history::routes())
        .merge(deployment_logs::routes())
        .merge(metrics::routes())
        .merge(deployment_log_search::routes())
        .merge(deployment_log_history::routes())
        .merge(tokens::routes())
        .merge(sessions::routes())
        .merge(profile::routes())
        .merge(authorisation::routes())
}

/// Who did something, and when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct By {
    user_id: String,
    email: String,
    first_name: String,
    last_name: String,
    /// RFC 3339, UTC.
    date_time: String,
}

impl By {
    fn new(user: User, at: jiff::Timestamp) -> Self {
        Self {
            user_id: user.id,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            date_time: at.to_string(),
        }
    }
}
