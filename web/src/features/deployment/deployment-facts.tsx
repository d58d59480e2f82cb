import { ArrowDownLeft, ArrowUpRight, ExternalLink } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { Deployment, DeploymentStatus, Variable } from '@/api/types'
import { Ago } from '@/components/ago'
import { bytesPerSecond, count } from '@/components/format'
import { Fact, Facts } from '@/components/panel'
import { Sparkline } from '@/components/sparkline'
import { useLag, useTopicHistory, useTopicRates, useUsage } from '@/live/use-rates'
import { inputs } from '../pipeline/graph'
import { lookOf } from '../pipeline/status'
import { UsageBars } from '../pipeline/usage'
import { healthWords } from './health'
import { Replicas, StateUsed } from './replicas'
import { versionText } from './version'

const ScheduleText = lazy(() => import('./schedule-text'))

function Traffic({ topic }: { topic: string }) {
  const { bytesInPerSecond } = useTopicRates(topic)
  return (
    <span className="flex items-center gap-2">
      <Sparkline values={useTopicHistory(topic)} label={`Bytes per second of ${topic}`} className="w-20" />
      <span className={bytesInPerSecond > 0 ? 'text-xs whitespace-nowrap text-flow' : 'text-xs whitespace-nowrap text-muted'}>{bytesPerSecond(bytesInPerSecond)}</span>
    </span>
  )
}

/** How far its groups are behind what was written. */
function Behind({ deploymentId }: { deploymentId: string }) {
  const lag = useLag(deploymentId)
  if (lag == null) return null
  return <Fact name="Behind">{lag === 0 ? 'up to date' : <span className={lag > 10_000 ? 'text-warn' : undefined}>{`${count(lag)} ${lag === 1 ? 'record' : 'records'}`}</span>}</Fact>
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

/** What a deployment is, at a glance. */
export function DeploymentFacts({ deployment, onTopic }: { deployment: Deployment; onTopic: (topic: string) => void }) {
  const usage = useUsage(deployment.deploymentId)
  const { statusReason, publicUrl, startedAt, variables, restartCount, stateEnabled, healthCheck, schedule, nextRunAt, jobRetries, updatedAt, updatedBy } = deployment
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
        {inputs(deployment).length > 0 && <Behind deploymentId={deployment.deploymentId} />}
        {publicUrl && (
          <Fact name="Public URL">
            <a href={publicUrl} target="_blank" rel="noreferrer" className="text-accent break-all hover:underline">
              {publicUrl} <ExternalLink className="inline size-3" />
            </a>
          </Fact>
        )}
        {healthCheck && deployment.deploymentType !== 'Job' && <Fact name="Well when">{healthWords(healthCheck)}</Fact>}
        {schedule && (
          <Fact name="Schedule">
            <Suspense fallback={<span className="font-mono text-xs">{schedule}</span>}>
              <ScheduleText schedule={schedule} nextRunAt={nextRunAt} />
            </Suspense>
          </Fact>
        )}
        {deployment.deploymentType === 'Job' && jobRetries !== undefined && <Fact name="Retries">{jobRetries === 0 ? 'none' : `up to ${jobRetries}`}</Fact>}
        {stateEnabled && (
          <Fact name="State">
            <StateUsed deployment={deployment} />
          </Fact>
        )}
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
