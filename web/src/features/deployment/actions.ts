import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Seen } from '@/api/client'
import { api } from '@/api/endpoints'
import { keys } from '@/api/queries'
import type { Deployment, DeploymentStatus } from '@/api/types'
import { tellFailure } from '@/components/tell'
import { live } from '@/live/live'

export type Action = 'start' | 'stop' | 'remove'

const SHOWN: Record<Action, DeploymentStatus> = { start: 'Starting', stop: 'Stopping', remove: 'Deleting' }
const VERB: Record<Action, string> = { start: 'started', stop: 'stopped', remove: 'deleted' }

/** Shows the status that the action leads to at once; the change feed brings what really came of it. */
function showAtOnce(client: QueryClient, deployment: Deployment, status: DeploymentStatus): void {
  client.setQueryData<Seen<Deployment[]>>(keys.deployments(deployment.workspaceId), (seen) =>
    seen && {
      ...seen,
      value: seen.value.map((each) => (each.deploymentId === deployment.deploymentId ? { ...each, status, statusReason: null } : each)),
    },
  )
}

/** Starting, stopping and deleting a deployment. */
export function useDeploymentAction(deployment: Deployment) {
  const client = useQueryClient()
  const queryKey = keys.deployments(deployment.workspaceId)
  return useMutation({
    mutationFn: async (action: Action) => void (await api[action](deployment.deploymentId)),
    onMutate: async (action) => {
      await client.cancelQueries({ queryKey })
      showAtOnce(client, deployment, SHOWN[action])
    },
    onError: (error, action) => {
      tellFailure(`${deployment.name} was not ${VERB[action]}.`, error)
      void client.invalidateQueries({ queryKey })
    },
    onSuccess: () => {
      // Without the feed nobody would say what came of it.
      if (live.status !== 'live') void client.invalidateQueries({ queryKey })
    },
  })
}
