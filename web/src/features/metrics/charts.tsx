import type { ReactNode } from 'react'
import { Failure } from '@/components/failure'
import { useDelayed } from '@/components/use-delayed'
import { type ChartProps, HEIGHT } from './chart'
import { RangeBar } from './range-bar'
import { type RangeSearch, type Shown, shownOf } from './range'

/** What each chart of a page has in common. */
export type Shared = Pick<ChartProps, 'from' | 'to' | 'gap' | 'sync' | 'utc' | 'onZoom' | 'onReset'>

interface Props {
  search: RangeSearch
  onSearch: (search: RangeSearch) => void
  shown: Shown
  /** Nothing was read yet. */
  pending: boolean
  error: unknown
  onRetry: () => void
  /** What is shown is of the time before. */
  waiting: boolean
  skeletons: number
  /** Leads to what was written in the time that was zoomed into. */
  onLogs?: () => void
  children: ReactNode
}

function Skeleton({ charts }: { charts: number }) {
  return (
    <div role="status" aria-busy="true" aria-label="Loading the charts" className="grid @3xl:grid-cols-2">
      {Array.from({ length: charts }, (_, i) => (
        <div key={i} className="grid content-start gap-2 border-b border-line px-3 pt-2 pb-1">
          <div className="skeleton h-4 w-40" />
          <div className="skeleton" style={{ height: HEIGHT - 4 }} />
        </div>
      ))}
    </div>
  )
}

/** The charts of one page, with the time that they show above them. */
export function Charts({ search, onSearch, shown, pending, error, onRetry, waiting, skeletons, onLogs, children }: Props) {
  const late = useDelayed(pending && !error)
  return (
    <div className="@container flex h-full min-h-0 flex-col">
      <RangeBar shown={shown} utc={search.utc === true} old={Boolean(error) && !pending} onChange={onSearch} onLogs={onLogs} />
      <div role="region" aria-label="Charts" tabIndex={0} className="min-h-0 grow overflow-y-auto -outline-offset-2" aria-busy={waiting}>
        {!pending ? (
          <div className={waiting ? 'grid opacity-70 @3xl:grid-cols-2' : 'grid @3xl:grid-cols-2 @3xl:[&>figure:nth-child(odd)]:border-r'}>{children}</div>
        ) : error ? (
          <Failure title="The figures cannot be shown" error={error} onRetry={onRetry} />
        ) : late ? (
          <Skeleton charts={skeletons} />
        ) : null}
      </div>
    </div>
  )
}

/** How the charts of one page read and change the time that they show. */
export function sharedOf(search: RangeSearch, onSearch: (search: RangeSearch) => void, read: { from: string; to: string }, gap: number): Shared {
  const shown = shownOf(search)
  return {
    // What was zoomed into is exact; what follows ends where the platform said.
    from: shown.kind === 'fixed' ? shown.from : Date.parse(read.from),
    to: shown.kind === 'fixed' ? shown.to : Date.parse(read.to),
    gap,
    sync: 'metrics',
    utc: search.utc === true,
    onZoom: (from, to) => onSearch({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
    onReset: () => onSearch({ from: undefined, to: undefined }),
  }
}

