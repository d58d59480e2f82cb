import { createContext, use } from 'react'
import type { Workspace } from '@/api/types'

export interface WorkspaceContext {
  workspaceId: string
  workspace: Workspace
}

export const CurrentWorkspace = createContext<WorkspaceContext | undefined>(undefined)

/** The workspace that the page is about. */
export function useWorkspace(): WorkspaceContext {
  const current = use(CurrentWorkspace)
  if (!current) throw new Error('pages of a workspace are drawn inside the shell')
  return current
}

/** The names of a workspace's organisation, project and environment; a project's id is `{organisation}-{project}`. */
export function partsOf({ organisationId, repositoryId, environmentName }: Workspace): { organisation: string; project: string; environment: string } {
  const prefix = `${organisationId}-`
  const project = repositoryId.startsWith(prefix) ? repositoryId.slice(prefix.length) : repositoryId
  return { organisation: organisationId, project, environment: environmentName }
}

/** Where Git finds the workspace's project. */
export function gitUrl(workspace: Workspace): string {
  const { organisation, project } = partsOf(workspace)
  return `${window.location.origin}/git/${organisation}/${project}.git`
}
