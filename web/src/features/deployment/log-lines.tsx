import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { classes } from '@/components/classes'
import type { LogRow } from './log-buffer'
import { LogLine, Mark } from './log-line'

interface Props {
  rows: LogRow[]
  wrap: boolean
  showReplica: boolean
  following: boolean
  /** The reader scrolled away from the end, or back to it. */
  onFollow: (following: boolean) => void
}

const LINE = 20

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
                {row.kind === 'mark' ? <Mark text={row.text} /> : <LogLine entry={row.entry} wrap={wrap} showReplica={showReplica} />}
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
