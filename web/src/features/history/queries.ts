import { queryOptions } from '@tanstack/react-query'
import { details } from '@/api/details'
import { keys } from '@/api/queries'

export function versionsQuery(workspaceId: string, deploymentId: string) {
  return queryOptions({
    queryKey: [...keys.deployment(workspaceId, deploymentId), 'versions'],
    queryFn: ({ signal }) => details.versions(deploymentId, signal),
    staleTime: Infinity,
  })
}

/** Versions never change, so neither do their differences. */
export function versionChangesQuery(deploymentId: string, version: number, against: number) {
  return queryOptions({
    queryKey: ['version-changes', deploymentId, version, against],
    queryFn: ({ signal }) => details.versionChanges(deploymentId, version, against, signal),
    staleTime: Infinity,
  })
}
