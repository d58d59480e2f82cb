//! Who is calling.

use axum::{Json, extract::State};
use headwater_control::Profile;
use headwater_model::Role;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, error::Result, extract::Caller};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(profile))
}

/// The caller as a person or a token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Profile)]
pub(super) struct View {
    user_id: Option<String>,
    first_name: String,
    last_name: String,
    email: Option<String>,
    /// `Admin`, `Manager`, `Editor`, `Viewer` or `None`; nothing for a workspace's token.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    organisation_id: String,
}

impl From<Profile> for View {
    fn from(profile: Profile) -> Self {
        Self {
            user_id: profile.user,
            first_name: profile.first_name,
            last_name: profile.last_name,
            email: profile.email,
            role: profile.role,
            organisation_id: profile.organisation,
        }
    }
}

/// Who is calling.
#[utoipa::path(get, path = "/profile", tag = "profile", responses((status = 200, body = View)),
    extensions(("x-permission" = json!("profile:read"))))]
async fn profile(State(app): State<App>, Caller(who): Caller) -> Result<Json<View>> {
    Ok(Json(app.control.people.profile(&who).await?.into()))
}
