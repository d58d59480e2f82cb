import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { LogMatch } from '@/api/log-query'
import type { LogEntry } from '@/live/protocol'
import { LogLine, Mark } from '../deployment/log-line'

type Row = { mark: string } | { entry: LogEntry; dim: boolean }

const runOf = ({ time, version, attempt }: LogEntry) => `${time.slice(0, 10)} · version ${version ?? '?'} · run ${attempt ?? '?'}`

/** Lines that were found, with those around them; a mark wherever another day or run begins. */
export function rowsOf(matches: LogMatch[]): Row[] {
  let run = ''
  return matches.flatMap(({ entry, before, after }) => {
    const rows: Row[] = []
    const next = runOf(entry)
    if (next !== run) rows.push({ mark: next })
    else if (before.length + after.length > 0) rows.push({ mark: '' })
    run = next
    return [...rows, ...before.map((each) => ({ entry: each, dim: true })), { entry, dim: false }, ...after.map((each) => ({ entry: each, dim: true }))]
  })
}

/** What was found, newest first; of it what fits the panel is drawn. */
export function SearchResults({ matches, wanted }: { matches: LogMatch[]; wanted: RegExp | undefined }) {
  const frame = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => rowsOf(matches), [matches])
  const several = useMemo(() => new Set(matches.map(({ entry }) => entry.replica)).size > 1, [matches])
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => 20, overscan: 20 })
  return (
    <div ref={frame} role="log" aria-live="off" aria-label="Lines found, newest first" tabIndex={0} className="min-h-0 grow overflow-auto px-3 py-1 font-mono text-xs leading-5 -outline-offset-2 select-text">
      <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          return (
            row && (
              <div key={item.key} data-index={item.index} ref={virtual.measureElement} className="absolute top-0 left-0 w-full" style={{ transform: `translateY(${item.start}px)` }}>
                {'mark' in row ? <Mark text={row.mark} /> : <LogLine entry={row.entry} wrap showReplica={several} wanted={row.dim ? undefined : wanted} dim={row.dim} />}
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
