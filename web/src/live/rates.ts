import type { Rates, TopicRates, Usage } from './protocol'

/** Samples over which usage is averaged: one arrives a second. Traffic comes averaged over as long already. */
const SMOOTH = 3
/** Samples of which the least lag is shown. */
const SETTLED = 5
/** Samples kept for sparklines. */
const KEPT = 90

const NO_TRAFFIC: TopicRates = { bytesInPerSecond: 0, bytesOutPerSecond: 0, recordsInPerSecond: 0 }

/** The figures of a workspace. Components listen to one name, so a sample redraws figures and nothing else. */
export class RatesStore {
  private samples: Rates[] = []
  private topics = new Map<string, TopicRates>()
  private usage = new Map<string, Usage>()
  private listeners = new Set<() => void>()
  private heard = 0

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Grows with the first sample and then with every tenth: lists that are ordered by figures move no more often. */
  get era(): number {
    return Math.ceil(this.heard / 10)
  }

  /** Grows with every sample. */
  get heardSamples(): number {
    return this.heard
  }

  push(sample: Rates): void {
    this.heard += 1
    this.samples = [...this.samples, sample].slice(-KEPT)
    const recent = this.samples.slice(-SMOOTH)
    this.topics = new Map(Object.entries(sample.topics))
    // A deployment that stopped is gone from the newest sample and uses nothing, whatever it used before.
    this.usage = new Map(Object.keys(sample.deployments).map((id) => [id, meanUsage(recent, id)]))
    this.tell()
  }

  /** The connection is gone: what was last heard says nothing about now. */
  clear(): void {
    this.heard = 0
    this.samples = []
    this.topics = new Map()
    this.usage = new Map()
    this.tell()
  }

  topic(name: string): TopicRates {
    return this.topics.get(name) ?? NO_TRAFFIC
  }

  deployment(id: string): Usage | undefined {
    return this.usage.get(id)
  }

  /**
   * Records that its groups were behind at the best of the last seconds: who reads at once is behind for moments again and
   * again. Null where it is not known, nothing where it is not told.
   */
  lag(id: string): number | null | undefined {
    const told = this.samples.slice(-SETTLED).map((sample) => sample.deployments[id]?.lag)
    const known = told.filter((lag) => typeof lag === 'number')
    return typeof told.at(-1) === 'number' ? Math.min(...known) : told.at(-1)
  }

  /** Bytes in per second, oldest first. */
  history(name: string): number[] {
    return this.samples.map((sample) => sample.topics[name]?.bytesInPerSecond ?? 0)
  }

  /** What a deployment used, oldest first; nothing where it did not run. */
  usageHistory(id: string): (Usage | undefined)[] {
    return this.samples.map((sample) => sample.deployments[id])
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

function meanUsage(samples: Rates[], id: string): Usage {
  const known = samples.map((sample) => sample.deployments[id]).filter((usage) => usage !== undefined)
  return { cpuMillicores: mean(known.map((u) => u.cpuMillicores)), memoryBytes: mean(known.map((u) => u.memoryBytes)) }
}

function mean(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
