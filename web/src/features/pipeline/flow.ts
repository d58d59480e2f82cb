import type { TopicRates } from '@/live/protocol'
import type { Deployment } from '@/api/types'

export interface Flow {
  bytesPerSecond: number
  flowing: boolean
}

/** Whether a deployment takes part in traffic: what does not run neither writes nor reads, whatever others do. */
export function runs({ status, runningReplicas }: Pick<Deployment, 'status' | 'runningReplicas'>): boolean {
  return runningReplicas > 0 && !['Stopping', 'Stopped', 'Deleting'].includes(status)
}

/** What an arrow shows: the topic's traffic, as far as both of its ends run. Undefined is a topic's own node. */
export function flowOf(rates: TopicRates, from: boolean | undefined, to: boolean | undefined): Flow {
  if (from === false || to === false) return { bytesPerSecond: 0, flowing: false }
  const bytesPerSecond = from === undefined ? rates.bytesOutPerSecond : rates.bytesInPerSecond
  return { bytesPerSecond, flowing: bytesPerSecond > 0 }
}

/** Seconds in which a dash moves on by two: few steps, so that small changes do not make the movement stutter. */
export function pace(bytesPerSecond: number): string {
  const magnitude = Math.min(6, Math.max(1, Math.floor(Math.log10(Math.max(1, bytesPerSecond)))))
  return `${(2 - magnitude * 0.25).toFixed(2)}s`
}
