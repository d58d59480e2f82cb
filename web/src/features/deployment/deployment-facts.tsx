import { useQuery } from '@tanstack/react-query'
import { ArrowDownLeft, ArrowUpRight, ExternalLink } from 'lucide-react'
import { replicasQuery } from '@/api/queries'
import type { Deployment, DeploymentStatus, Replica, Variable } from '@/api/types'
import { Ago } from '@/components/ago'
import { bytesPerSecond, count } from '@/components/format'
import { Fact, Facts } from '@/components/panel'
import { Sparkline } from '@/components/sparkline'
import { useTopicHistory, useTopicRates, useUsage } from '@/live/use-rates'
import { lookOf } from '../pipeline/status'
import { UsageBars } from '../pipeline/usage'
import { versionText } from './version'

function Traffic({ topic }: { topic: string }) {
  const { bytesInPerSecond } = useTopicRates(topic)
  return (
    <span className="flex items-center gap-2">
      <Sparkline values={useTopicHistory(topic)} label={`Bytes per second of ${topic}`} className="w-20" />
      <span className={bytesInPerSecond > 0 ? 'text-xs text-flow' : 'text-xs text-muted'}>{bytesPerSecond(bytesInPerSecond)}</span>
    </span>
  )
}

function VariableValue({ variable, onTopic }: { variable: Variable; onTopic: (topic: string) => void }) {
  const { inputType, value } = variable
  if (!value) return <span className="text-muted">–</span>
  if (inputType !== 'InputTopic' && inputType !== 'OutputTopic') return <span className="font-mono text-xs">{value}</span>
  const Icon = inputType === 'InputTopic' ? ArrowDownLeft : ArrowUpRight
  return (
    <>
      <button type="button" className="inline-flex max-w-full items-center gap-1 text-accent hover:underline" onClick={() => onTopic(value)}>
        <Icon className="size-3.5 shrink-0" aria-label={inputType === 'InputTopic' ? 'reads' : 'writes'} />
        <span className="truncate">{value}</span>
      </button>
      <Traffic topic={value} />
    </>
  )
}

function isolationText({ isolation }: Replica): string {
  const parts = [isolation.uid != null && `uid ${isolation.uid}`, isolation.namespaces && 'namespaces', isolation.landlock && 'Landlock']
  return parts.filter(Boolean).join(' · ')
}

function Replicas({ deployment }: { deployment: Deployment }) {
  const { data } = useQuery(replicasQuery(deployment.workspaceId, deployment.deploymentId))
  if (!data || data.length === 0) return null
  return (
    <div className="mt-4">
      <h2 className="mb-1.5 text-xs font-medium text-muted">Replicas</h2>
      <ul className="grid gap-2">
        {data.map((replica) => (
          <li key={replica.replicaId} className="grid gap-0.5">
            <div className="flex justify-between gap-2">
              <span className="truncate">
                {replica.index} · {replica.status}
              </span>
              {replica.startedAt && <span className="shrink-0 text-xs text-muted">run {replica.attempt} · <Ago time={replica.startedAt} /></span>}
            </div>
            {replica.reason && <p className="text-xs break-words text-bad">{replica.reason}</p>}
            <p className="text-xs text-muted">{[replica.port && `port ${replica.port}`, isolationText(replica)].filter(Boolean).join(' · ')}</p>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What a deployment is, at a glance. */
export function DeploymentFacts({ deployment, onTopic }: { deployment: Deployment; onTopic: (topic: string) => void }) {
  const usage = useUsage(deployment.deploymentId)
  const { statusReason, publicUrl, startedAt, variables, restartCount, stateEnabled, stateSize, updatedAt, updatedBy } = deployment
  return (
    <>
      {statusReason && <p className="mb-3 rounded-md border border-line bg-bg px-2.5 py-1.5 break-words">{statusReason}</p>}
      <div className="mb-3">
        <UsageBars usage={usage} replicas={deployment.replicas} cpuMillicores={deployment.cpuMillicores} memoryInMb={deployment.memoryInMb} />
      </div>
      <Facts>
        <Fact name="Application">
          {deployment.applicationName}
          {deployment.applicationIsMissing && <span className="text-warn"> (gone from the branch)</span>}
        </Fact>
        <Fact name="Version">
          <span title={deployment.gitReference}>{versionText(deployment)}</span>
          <span className="text-muted"> · {deployment.useLatest ? 'latest' : 'pinned'} · v{deployment.version}</span>
          {deployment.latestOutOfSync && <span className="text-info"> · out of date</span>}
          {deployment.updateStatus !== 'None' && <span className="block text-warn">the next version is on its way: {lookOf(deployment.updateStatus as DeploymentStatus).word.toLowerCase()}</span>}
        </Fact>
        <Fact name="Type">{deployment.deploymentType}</Fact>
        <Fact name="Replicas">
          {deployment.runningReplicas} of {deployment.replicas} run{restartCount > 0 && <span className="text-warn"> · {count(restartCount)} restarts</span>}
        </Fact>
        {startedAt && (
          <Fact name="Started">
            <Ago time={startedAt} />
          </Fact>
        )}
        {publicUrl && (
          <Fact name="Public URL">
            <a href={publicUrl} target="_blank" rel="noreferrer" className="text-accent break-all hover:underline">
              {publicUrl} <ExternalLink className="inline size-3" />
            </a>
          </Fact>
        )}
        {stateEnabled && <Fact name="State">{stateSize} GB</Fact>}
        <Fact name="Updated">
          <Ago time={updatedAt} />
          {updatedBy && <span className="text-muted"> by {[updatedBy.firstName, updatedBy.lastName].filter(Boolean).join(' ') || updatedBy.email}</span>}
        </Fact>
        {Object.entries(variables).map(([name, variable]) => (
          <Fact key={name} name={name}>
            <VariableValue variable={variable} onTopic={onTopic} />
          </Fact>
        ))}
      </Facts>
      <Replicas deployment={deployment} />
    </>
  )
}
