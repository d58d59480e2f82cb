import { useMemo } from 'react'
import type { Deployment, MetricSeries, Metrics } from '@/api/types'
import { inputs, outputs } from '../pipeline/graph'
import { Chart, COLOURS } from './chart'
import { Charts, type Shared, sharedOf } from './charts'
import { gapOf, type Line } from './frame'
import { type RangeSearch, shownOf } from './range'
import { useDeploymentMetrics, useTopicsMetrics } from './use-metrics'

interface Props {
  deployment: Deployment
  search: RangeSearch
  onSearch: (search: RangeSearch) => void
  onLogs: () => void
}

const NONE: MetricSeries[] = []

/** The replica of a series; where there is one alone, nothing has to be told apart. */
const replicaLabel = (series: MetricSeries, all: MetricSeries[]) => (all.length < 2 ? '' : series.replica == null ? 'all' : `replica ${series.replica}`)
/** The parts alone, where there are some: the whole beside them would say the same once more, on another scale. */
function partsOf(series: MetricSeries[]): MetricSeries[] {
  const parts = series.filter(({ replica, group }) => replica != null || group != null)
  return parts.length > 0 ? parts : series
}

/** The topic tells curves of one group apart; groups are named without their workspace. */
const lagLabel = (workspaceId: string) => ({ group, topic }: MetricSeries, all: MetricSeries[]) => {
  const name = group?.startsWith(`${workspaceId}-`) ? group.slice(workspaceId.length + 1) : group
  const several = all.some((other) => other.group !== group)
  return [(several || !topic) && name, topic].filter(Boolean).join(' · ')
}

function linesOf(series: MetricSeries[], label: (series: MetricSeries, all: MetricSeries[]) => string): Line[] {
  return series.map((each) => ({ label: label(each, series), points: each.points }))
}

function Own({ metrics, deployment, shared }: { metrics: Metrics; deployment: Deployment; shared: Shared }) {
  const of = useMemo(() => {
    const named = (name: string) => partsOf(metrics.series.filter((series) => series.name === name))
    const [cpu, memory, restarts, running, lag] = [named('cpuMillicores'), named('memoryBytes'), named('restarts'), named('runningReplicas'), named('lag')]
    return {
      cpu: { lines: linesOf(cpu, replicaLabel), limit: cpu[0]?.limit },
      memory: { lines: linesOf(memory, replicaLabel), limit: memory[0]?.limit },
      restarts: linesOf(restarts, replicaLabel),
      running: linesOf(running, () => ''),
      lag: linesOf(lag, lagLabel(deployment.workspaceId)),
    }
  }, [metrics, deployment.workspaceId])
  const limitOf = (value: number | null | undefined) => (value ? { value, label: deployment.replicas > 1 ? 'limit of each' : 'limit' } : undefined)
  return (
    <>
      <Chart {...shared} title="CPU" unit="millicores" lines={of.cpu.lines} limit={limitOf(of.cpu.limit)} />
      <Chart {...shared} title="Memory" unit="bytes" lines={of.memory.lines} limit={limitOf(of.memory.limit)} />
      <Chart {...shared} title="Lag" unit="records" lines={of.lag} />
      <Chart {...shared} title="Running replicas" unit="count" stepped lines={of.running} limit={{ value: deployment.replicas, label: 'wanted' }} />
      <Chart {...shared} title="Restarts" unit="count" stepped lines={of.restarts} />
    </>
  )
}

function Topics({ title, topics, metrics, series, shared }: { title: string; topics: string[]; metrics: (Metrics | undefined)[]; series: string; shared: Shared }) {
  // New only with new figures: a chart is laid out anew for each.
  const stamp = metrics.map((each) => each?.to).join()
  const lines = useMemo(
    () =>
      topics.map((topic, i): Line => ({ label: topic, points: (metrics[i]?.series ?? NONE).find(({ name }) => name === series)?.points ?? [] })),
    [topics.join('\n'), stamp, series],
  )
  return <Chart {...shared} title={title} unit="bytesPerSecond" lines={lines} />
}

/** What a deployment used over time, how far behind it was, and what its topics carried. */
export default function DeploymentMetrics({ deployment, search, onSearch, onLogs }: Props) {
  const shown = shownOf(search)
  const { data, error, isPlaceholderData, refetch } = useDeploymentMetrics(deployment.deploymentId, shown)
  const reads = inputs(deployment)
  const writes = outputs(deployment)
  const drawn = { reads: reads.slice(0, COLOURS), writes: writes.slice(0, COLOURS) }
  const topics = useTopicsMetrics(deployment.workspaceId, [...drawn.reads, ...drawn.writes], shown)
  const figures = topics.map((topic) => topic.data)
  const shared = data && sharedOf(search, onSearch, data, gapOf(data))
  const some = (all: string[], few: string[]) => (all.length > few.length ? `, ${few.length} of ${all.length} topics` : '')
  return (
    <Charts search={search} onSearch={onSearch} shown={shown} pending={!data} error={error} onRetry={() => void refetch()} waiting={isPlaceholderData} skeletons={6} onLogs={onLogs}>
      {data && shared && (
        <>
          <Own metrics={data} deployment={deployment} shared={shared} />
          {reads.length > 0 && (
            <Topics title={`Arriving in what it reads${some(reads, drawn.reads)}`} topics={drawn.reads} metrics={figures.slice(0, drawn.reads.length)} series="bytesInPerSecond" shared={shared} />
          )}
          {writes.length > 0 && (
            <Topics title={`Arriving in what it writes${some(writes, drawn.writes)}`} topics={drawn.writes} metrics={figures.slice(drawn.reads.length)} series="bytesInPerSecond" shared={shared} />
          )}
        </>
      )}
    </Charts>
  )
}
