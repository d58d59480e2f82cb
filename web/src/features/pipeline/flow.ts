import type { TopicRates } from '@/live/protocol'
import type { DeploymentStatus } from '@/api/types'

export interface Flow {
  bytesPerSecond: number
  flowing: boolean
}

/** Whether a deployment takes part in traffic: what was stopped neither writes nor reads, whatever others do. */
function takesPart(status: DeploymentStatus | undefined): boolean {
  return status === undefined || ['Running', 'Starting', 'Deploying', 'Building', 'QueuedForBuild', 'QueuedForDeployment', 'RuntimeError'].includes(status)
}

/** What an arrow shows: the topic's traffic, as far as both of its ends take part. Undefined is a topic's own node. */
export function flowOf(rates: TopicRates, from: DeploymentStatus | undefined, to: DeploymentStatus | undefined): Flow {
  const leavesTopic = from === undefined
  const bytesPerSecond = leavesTopic ? Math.max(rates.bytesOutPerSecond, 0) : rates.bytesInPerSecond
  return { bytesPerSecond, flowing: bytesPerSecond > 0 && takesPart(from) && takesPart(to) }
}

/** Seconds in which a dash moves on by two: few steps, so that small changes do not make the movement stutter. */
export function pace(bytesPerSecond: number): string {
  const magnitude = Math.min(6, Math.max(1, Math.floor(Math.log10(Math.max(1, bytesPerSecond)))))
  return `${(2 - magnitude * 0.25).toFixed(2)}s`
}
