import { useQuery } from '@tanstack/react-query'
import { replicasQuery } from '@/api/queries'
import type { Deployment, Replica } from '@/api/types'
import { Ago } from '@/components/ago'
import { bytes, count } from '@/components/format'
import { isolationText, limitsText } from './limits'

/** The state folder grows without a word; now and then it is looked at. */
const LOOK = 15_000

function useReplicas({ workspaceId, deploymentId, stateEnabled }: Deployment): Replica[] {
  return useQuery({ ...replicasQuery(workspaceId, deploymentId), refetchInterval: stateEnabled ? LOOK : false }).data ?? []
}

/** How full the state folder is, which all replicas share. */
export function StateUsed({ deployment }: { deployment: Deployment }) {
  const state = useReplicas(deployment).find((replica) => replica.state)?.state
  if (!state) return <>{deployment.stateSize} GB</>
  const share = state.usedBytes / Math.max(1, state.limitBytes)
  return <span className={share >= 0.9 ? 'text-warn' : undefined}>{`${bytes(state.usedBytes)} of ${bytes(state.limitBytes)}`}</span>
}

function OneReplica({ replica, deployment }: { replica: Replica; deployment: Deployment }) {
  const { index, status, attempt, startedAt, reason, outOfMemory, limits, port, restartCount } = replica
  return (
    <li className="grid gap-0.5">
      <div className="flex justify-between gap-2">
        <span className="truncate">
          {index} · {status}
          {restartCount > 0 && <span className="text-warn"> · {count(restartCount)} restarts</span>}
        </span>
        {startedAt && (
          <span className="shrink-0 text-xs text-muted">
            run {attempt} · <Ago time={startedAt} />
          </span>
        )}
      </div>
      {outOfMemory && (
        <p className="text-xs break-words text-bad">
          {status === 'Running' ? 'The run before' : 'Its last run'} took more memory than its {bytes((limits?.memoryBytes ?? 0) || deployment.memoryInMb * 1024 * 1024)} and was ended. Give it more, or have it keep less.
        </p>
      )}
      {reason && !outOfMemory && <p className="text-xs break-words text-bad">{reason}</p>}
      {limits && <p className="text-xs text-muted">{limitsText(limits, deployment)}</p>}
      {limits?.note && <p className="text-xs break-words text-warn">{limits.note}</p>}
      <p className="text-xs text-muted">{[port && `port ${port}`, isolationText(replica)].filter(Boolean).join(' · ')}</p>
    </li>
  )
}

/** How each replica does, and what holds it. */
export function Replicas({ deployment }: { deployment: Deployment }) {
  const replicas = useReplicas(deployment)
  if (replicas.length === 0) return null
  return (
    <section aria-label="Replicas" className="mt-4">
      <h2 className="mb-1.5 text-xs font-medium text-muted">Replicas</h2>
      <ul className="grid gap-2.5">
        {replicas.map((replica) => (
          <OneReplica key={replica.replicaId} replica={replica} deployment={deployment} />
        ))}
      </ul>
    </section>
  )
}
