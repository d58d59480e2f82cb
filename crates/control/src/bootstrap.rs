//! What the first start makes: an organisation, a project, an environment and an administrator.

use headwater_model::{Invalid, OrganisationId, ProjectId, Role, WorkspaceId};
use headwater_store::{Secret, Store, User, Workspace, clock};
use uuid::Uuid;

use crate::{Result, Settings, core::Core, deployments::sdk_token, secrets};

/// The branch of the first environment.
const BRANCH: &str = "main";

/// Makes what is missing; on any start but the first that is nothing.
pub(crate) async fn rows(store: &Store, settings: &Settings) -> Result<()> {
    if !store.read().await?.organisations().await?.is_empty() {
        return Ok(());
    }
    let organisation: OrganisationId = settings.organisation.parse()?;
    let project: ProjectId = format!("{organisation}-{}", settings.project).parse()?;
    let id: WorkspaceId = format!("{project}-{}", settings.environment).parse()?;
    if !settings.administrator.contains('@') {
        return Err(Invalid::new("administrator", "must be an e-mail address").into());
    }
    let administrator = User {
        id: Uuid::now_v7().to_string(),
        email: settings.administrator.clone(),
        first_name: "Administrator".into(),
        last_name: String::new(),
        role: Role::Admin,
        created_at: clock(),
    };
    let workspace = Workspace {
        name: format!("{} {}", settings.project, settings.environment),
        environment: settings.environment.clone(),
        branch: BRANCH.into(),
        broker_password: secrets::fresh(""),
        revision: 1,
        created_at: clock(),
        id,
        organisation: organisation.clone(),
        project: project.clone(),
    };
    let mut write = store.write_all().await?;
    write.create_organisation(&organisation, organisation.as_str()).await?;
    write.create_project(&project, &organisation, &settings.project).await?;
    write.create_user(&administrator).await?;
    write.create_workspace(workspace).await?;
    Ok(write.commit().await?)
}

/// Makes the repositories and tokens that rows ask for and that are missing.
pub(crate) async fn things(core: &Core) -> Result<()> {
    let workspaces = core.store.read().await?.workspaces().await?;
    for workspace in workspaces {
        crate::code::ensure_repository(core, &workspace).await?;
        let _: Secret = sdk_token(core, &workspace.id).await?;
    }
    // Sources of builds that a crash cut short.
    let left = core.settings.data_dir.join("tmp");
    match tokio::fs::remove_dir_all(&left).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(crate::Error::io(format!("removing {}", left.display()))(error))
        }
        _ => Ok(()),
    }
}
