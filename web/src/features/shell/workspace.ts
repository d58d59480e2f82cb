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

/** Organisation, project and environment of a workspace, from ids of the form `{organisation}-{project}-{environment}`. */
export function partsOf({ workspaceId, repositoryId, environmentName }: Workspace): { organisation: string; project: string; environment: string } {
  const suffix = `-${environmentName}`
  const rest = workspaceId.endsWith(suffix) ? workspaceId.slice(0, -suffix.length) : workspaceId
  const whole = repositoryId || rest
  const cut = whole.indexOf('-')
  return {
    organisation: cut > 0 ? whole.slice(0, cut) : whole,
    project: cut > 0 ? whole.slice(cut + 1) : whole,
    environment: environmentName,
  }
}
