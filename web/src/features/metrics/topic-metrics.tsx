import { useMemo } from 'react'
import type { Metrics } from '@/api/types'
import { Chart } from './chart'
import { Charts, type Shared, sharedOf } from './charts'
import { gapOf, type Line } from './frame'
import { type RangeSearch, shownOf } from './range'
import type { Unit } from './units'
import { useTopicsMetrics } from './use-metrics'

interface Props {
  workspaceId: string
  name: string
  search: RangeSearch
  onSearch: (search: RangeSearch) => void
}

const CHARTS: { title: string; unit: Unit; series: [name: string, label: string][] }[] = [
  { title: 'Bytes', unit: 'bytesPerSecond', series: [['bytesInPerSecond', 'in'], ['bytesOutPerSecond', 'out']] },
  { title: 'Records', unit: 'recordsPerSecond', series: [['recordsInPerSecond', 'in'], ['recordsOutPerSecond', 'out']] },
]

function Traffic({ metrics, shared }: { metrics: Metrics; shared: Shared }) {
  const lines = useMemo(
    () =>
      CHARTS.map(({ series }) =>
        series.flatMap(([name, label]): Line[] => {
          const points = metrics.series.find((each) => each.name === name)?.points
          return points ? [{ label, points }] : []
        }),
      ),
    [metrics],
  )
  return CHARTS.map(({ title, unit }, i) => <Chart key={title} {...shared} title={title} unit={unit} lines={lines[i] ?? []} />)
}

/** What a topic carried over time. */
export default function TopicMetrics({ workspaceId, name, search, onSearch }: Props) {
  const shown = shownOf(search)
  const [{ data, error, isPlaceholderData, refetch }] = useTopicsMetrics(workspaceId, [name], shown) as [ReturnType<typeof useTopicsMetrics>[number]]
  return (
    <Charts search={search} onSearch={onSearch} shown={shown} pending={!data} error={error} onRetry={() => void refetch()} waiting={isPlaceholderData} skeletons={2}>
      {data && <Traffic metrics={data} shared={sharedOf(search, onSearch, data, gapOf(data))} />}
    </Charts>
  )
}
