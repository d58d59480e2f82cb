import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { classes } from '@/components/classes'
import { clock, utc } from '@/components/format'
import { levelOf } from './level'
import type { LogRow } from './log-buffer'

interface Props {
  rows: LogRow[]
  wrap: boolean
  showReplica: boolean
  following: boolean
  /** The reader scrolled away from the end, or back to it. */
  onFollow: (following: boolean) => void
}

const LINE = 20
/** A single line may have 64 KiB; this much of it is laid out. */
const DRAWN = 4_000

const COLOUR = { plain: 'text-text', error: 'text-bad', warning: 'text-warn', platform: 'text-info' } as const

function Line({ row, wrap, showReplica }: { row: LogRow; wrap: boolean; showReplica: boolean }) {
  if (row.kind === 'mark') {
    return (
      <div className="flex h-5 items-center gap-3 text-muted">
        <span className="h-px w-4 bg-line-strong" />
        {row.text}
        <span className="h-px grow bg-line" />
      </div>
    )
  }
  const { time, text, replica } = row.entry
  return (
    <div className="flex gap-3">
      <time dateTime={time} title={utc(time)} className="shrink-0 text-muted select-none">
        {clock(time)}
      </time>
      {showReplica && <span className="w-6 shrink-0 text-muted select-none">r{replica}</span>}
      <span className={classes(COLOUR[levelOf(row.entry)], wrap ? 'min-w-0 break-words whitespace-pre-wrap' : 'whitespace-pre')}>
        {text.length > DRAWN ? `${text.slice(0, DRAWN)} … (${text.length - DRAWN} more characters; copy has them)` : text}
      </span>
    </div>
  )
}

/** The lines that fit the panel, of however many there are. */
export function LogLines({ rows, wrap, showReplica, following, onFollow }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    getItemKey: (i) => rows[i]?.id ?? i,
    overscan: 12,
  })

  useEffect(() => {
    if (following && rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: 'end' })
  }, [following, rows, virtual, virtual.scrollRect?.width, virtual.scrollRect?.height])
  useEffect(() => virtual.measure(), [wrap, virtual])

  // Only the reader's own hand ends following; a panel that changes its size does not.
  const arrive = () => {
    const element = frame.current
    if (!element || following) return
    if (element.scrollHeight - element.scrollTop - element.clientHeight < LINE) onFollow(true)
  }
  const press = (event: KeyboardEvent) => {
    if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) onFollow(false)
  }
  const grab = (event: PointerEvent) => {
    const element = frame.current
    const onScrollbar = element && event.nativeEvent.offsetX > element.clientWidth
    if (onScrollbar) onFollow(false)
  }

  return (
    <div
      ref={frame}
      role="log"
      aria-live="off"
      tabIndex={0}
      aria-label="Log lines"
      onWheel={(event) => event.deltaY < 0 && onFollow(false)}
      onScrollEnd={arrive}
      onKeyDown={press}
      onPointerDown={grab}
      onTouchMove={() => onFollow(false)}
      className="min-h-0 grow overflow-auto px-3 py-1 font-mono text-xs leading-5 -outline-offset-2 select-text"
    >
      <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          return (
            row && (
              <div
                key={item.key}
                data-index={item.index}
                ref={wrap ? virtual.measureElement : undefined}
                className={classes('absolute top-0 left-0', wrap ? 'w-full' : 'w-max min-w-full')}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Line row={row} wrap={wrap} showReplica={showReplica} />
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
