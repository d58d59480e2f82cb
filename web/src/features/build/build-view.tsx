import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, CircleAlert } from 'lucide-react'
import { details } from '@/api/details'
import { ApiError } from '@/api/error'
import { downloadUrl } from '@/api/log-query'
import { keys, useMay } from '@/api/queries'
import { put } from '@/api/put'
import type { Build, Deployment } from '@/api/types'
import { Ago } from '@/components/ago'
import { Button } from '@/components/button'
import { seconds } from '@/components/duration'
import { tellFailure } from '@/components/tell'
import { DownloadLink } from '../deployment/download-link'
import { LogView } from '../deployment/log-view'
import { Steps } from './steps'

const going = (build: Build | null | undefined) => build?.status === 'Queued' || build?.status === 'Running'

function useBuild({ workspaceId, deploymentId }: Deployment) {
  return useQuery({
    queryKey: [...keys.deployment(workspaceId, deploymentId), 'build'],
    // Nothing was ever built: no failure.
    queryFn: ({ signal }) =>
      details.build(deploymentId, signal).catch((error: unknown): null => {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }),
    staleTime: Infinity,
    // The place in the queue and the steps are not in the change feed.
    refetchInterval: ({ state }) => (going(state.data) ? 1_000 : false),
  })
}

function useCancel({ workspaceId, deploymentId, name }: Deployment) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => details.cancelBuild(deploymentId),
    onSuccess: (deployment) => {
      put(client, keys.deployments(workspaceId), deployment, (other) => other.deploymentId === deploymentId)
      void client.invalidateQueries({ queryKey: keys.deployment(workspaceId, deploymentId) })
    },
    onError: (error) => tellFailure(`The build of ${name} goes on.`, error),
  })
}

function lasting({ startedAt, endedAt }: Build): string | undefined {
  return startedAt && endedAt ? seconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000) : undefined
}

function words(build: Build): string {
  const { status, position, cached } = build
  const took = lasting(build)
  switch (status) {
    case 'Queued':
      return position === null ? 'Waits for its turn' : position === 1 ? 'Is next in the queue' : `Waits: place ${position} in the queue`
    case 'Running':
      return 'Is being built'
    case 'Succeeded':
      return cached ? 'The environment stood already, nothing had to be built' : `Built${took ? ` in ${took}` : ''}`
    case 'Failed':
      return `Failed${took ? ` after ${took}` : ''}`
    case 'Cancelled':
      return 'Was cancelled'
  }
}

const COLOUR: Record<Build['status'], string> = { Queued: 'text-warn', Running: 'text-warn', Succeeded: 'text-text', Failed: 'text-bad', Cancelled: 'text-muted' }

function Summary({ deployment, build }: { deployment: Deployment; build: Build }) {
  const { mutate, isPending } = useCancel(deployment)
  const mayChange = useMay(deployment.workspaceId, { resourceType: 'Deployment', permission: 'Update' })
  const { status, reason, failingLine, steps, version, createdAt } = build
  return (
    <div className="grid max-h-[60%] shrink-0 gap-3 overflow-y-auto border-b border-line px-3 py-2.5">
      <div className="flex items-center gap-3">
        <p role="status" className={`font-medium ${COLOUR[status]}`}>
          {words(build)}
        </p>
        <span className="truncate text-xs text-muted">
          version {version} · asked for <Ago time={createdAt} />
        </span>
        {going(build) && mayChange && (
          <Button className="ml-auto h-7" disabled={isPending} onClick={() => mutate()}>
            <Ban className="size-3.5" /> {isPending ? 'Cancelling…' : 'Cancel the build'}
          </Button>
        )}
      </div>
      {failingLine && (
        <div role="alert" className="flex gap-2.5 rounded-md border border-line bg-bg px-3 py-2">
          <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" />
          <div className="min-w-0">
            <p className="font-mono text-xs leading-5 break-words whitespace-pre-wrap select-text">{failingLine.text}</p>
            {reason && reason !== failingLine.text && <p className="text-muted">{reason}</p>}
          </div>
        </div>
      )}
      {!failingLine && reason && <p className={status === 'Failed' ? 'text-bad' : 'text-muted'}>{reason}</p>}
      {steps.length > 0 && <Steps steps={steps} />}
    </div>
  )
}

/** How the present version was built: what failed first, then the steps, then the whole log. */
export default function BuildView({ deployment }: { deployment: Deployment }) {
  const { data: build } = useBuild(deployment)
  const { deploymentId, version, revision } = deployment
  return (
    <div className="flex h-full min-h-0 flex-col">
      {build && <Summary deployment={deployment} build={build} />}
      <div className="min-h-0 grow">
        <LogView
          key={`build ${deploymentId} ${version}`}
          deploymentId={deploymentId}
          revision={revision}
          source="build"
          empty="The build has not written anything yet."
          tools={<DownloadLink label="Download the build log" href={downloadUrl(deploymentId, { source: 'build' })} />}
        />
      </div>
    </div>
  )
}
