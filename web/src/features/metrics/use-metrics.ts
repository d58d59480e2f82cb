import { keepPreviousData, queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { details } from '@/api/details'
import type { Metrics } from '@/api/types'
import { POINTS, refreshOf, type Shown, spanOf } from './range'

function metricsQuery(key: readonly string[], shown: Shown, ask: (span: { from: string; to: string; points: number }, signal: AbortSignal) => Promise<Metrics>) {
  return queryOptions({
    queryKey: ['metrics', ...key, shown],
    queryFn: ({ signal }) => {
      const { from, to } = spanOf(shown, Date.now())
      return ask({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), points: POINTS }, signal)
    },
    refetchInterval: refreshOf(shown),
    staleTime: shown.kind === 'fixed' ? 60_000 : 0,
    // The curves stay while others are on their way.
    placeholderData: keepPreviousData,
  })
}

export function useDeploymentMetrics(deploymentId: string, shown: Shown) {
  return useQuery(metricsQuery(['deployment', deploymentId], shown, (span, signal) => details.deploymentMetrics(deploymentId, span, signal)))
}

export function useTopicsMetrics(workspaceId: string, topics: string[], shown: Shown) {
  return useQueries({
    queries: topics.map((topic) => metricsQuery(['topic', workspaceId, topic], shown, (span, signal) => details.topicMetrics(workspaceId, topic, span, signal))),
  })
}
