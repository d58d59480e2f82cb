import { useEffect, useSyncExternalStore } from 'react'
import { useChannel, useLiveStatus } from './live'
import type { Rates, TopicRates, Usage } from './protocol'
import { RatesStore } from './rates'

const store = new RatesStore()

/** Keeps the workspace's figures coming while the page is shown. */
export function useRatesChannel(workspaceId: string): void {
  const status = useLiveStatus()
  useChannel<Rates>({ kind: 'rates', workspaceId }, { event: (sample) => store.push(sample) })
  useEffect(() => () => store.clear(), [workspaceId])
  useEffect(() => {
    if (status === 'offline') store.clear()
  }, [status])
}

/** A topic's traffic now. */
export function useTopicRates(name: string): TopicRates {
  return useSyncExternalStore(store.subscribe, () => store.topic(name))
}

/** What a deployment uses now; nothing when it does not run. */
export function useUsage(id: string): Usage | undefined {
  return useSyncExternalStore(store.subscribe, () => store.deployment(id))
}

/** How many records a deployment's groups are behind. */
export function useLag(id: string): number | null | undefined {
  return useSyncExternalStore(store.subscribe, () => store.lag(id))
}

/** A topic's bytes per second over the last minute and a half. */
export function useTopicHistory(name: string): number[] {
  useSyncExternalStore(store.subscribe, () => store.topic(name))
  return store.history(name)
}

/** What a deployment used over the last minute and a half. */
export function useUsageHistory(id: string): (Usage | undefined)[] {
  useSyncExternalStore(store.subscribe, () => store.heardSamples)
  return store.usageHistory(id)
}

/** Whether figures arrive. Without them a zero would be a claim. */
export function useHeard(): boolean {
  return useSyncExternalStore(store.subscribe, () => store.era > 0)
}

/** Reads figures to order a list by. It is drawn again now and then, not with every sample. */
export function useRanks(): { topic: (name: string) => TopicRates; usage: (id: string) => Usage | undefined } {
  useSyncExternalStore(store.subscribe, () => store.era)
  return RANKS
}

const RANKS = { topic: (name: string) => store.topic(name), usage: (id: string) => store.deployment(id) }
