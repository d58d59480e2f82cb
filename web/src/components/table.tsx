import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type KeyboardEvent, memo, type MouseEvent, type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import { classes } from './classes'
import type { Sort } from './sort'

export interface Column<T> {
  id: string
  /** Read aloud only, when `bare`. */
  label: string
  bare?: boolean
  /** The way of the first click; a column without it does not sort. */
  sorts?: 'up' | 'down'
  /** Alignment, and from which width on it is shown. */
  className?: string
  cell: (row: T) => ReactNode
}

interface Props<T> {
  label: string
  /** Classes with the widths of the columns. */
  grid: string
  columns: Column<T>[]
  rows: T[]
  keyOf: (row: T) => string
  /** Names a row to who cannot see it. */
  nameOf: (row: T) => string
  sort: Sort
  onSort: (sort: Sort) => void
  /** Key of the row that is open. */
  chosen?: string
  onOpen: (row: T) => void
}

const ROW = 32

function Heading<T>({ column, sort, onSort }: { column: Column<T>; sort: Sort; onSort: (sort: Sort) => void }) {
  const { id, label, bare, sorts, className } = column
  const on = sort.by === id
  const Arrow = sort.down ? ArrowDown : ArrowUp
  if (!sorts) return <span role="columnheader" className={classes('truncate', className)}>{bare ? <span className="sr-only">{label}</span> : label}</span>
  return (
    <span role="columnheader" aria-sort={on ? (sort.down ? 'descending' : 'ascending') : 'none'} className={classes('min-w-0', className)}>
      <button
        type="button"
        onClick={() => onSort({ by: id, down: on ? !sort.down : sorts === 'down' })}
        className={classes('inline-flex max-w-full items-center gap-1 rounded-sm hover:text-text', on && 'text-text')}
      >
        <span className="truncate">{label}</span>
        {on && <Arrow aria-hidden className="size-3 shrink-0" />}
      </button>
    </span>
  )
}

function CellsOfRow<T>({ columns, row }: Pick<Props<T>, 'columns'> & { row: T }): ReactNode {
  return columns.map((column) => (
    <div key={column.id} role="gridcell" className={classes('min-w-0 truncate', column.className)}>
      {column.cell(row)}
    </div>
  ))
}
/** Drawn again only with another row: scrolling moves rows, it does not change them. */
const Cells = memo(CellsOfRow) as typeof CellsOfRow

/** Where a key leads from a row, if it is one of a list. */
function stepOf(key: string, page: number): number | undefined {
  const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }
  return steps[key]
}

/** Objects in rows, of which those that fit are drawn. `j` and `k` move, Enter opens. */
export function Table<T>({ label, grid, columns, rows, keyOf, nameOf, sort, onSort, chosen, onOpen }: Props<T>) {
  const frame = useRef<HTMLDivElement>(null)
  const wanted = useRef<string>(undefined)
  const [at, setAt] = useState<string>()
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    getItemKey: (i) => (rows[i] ? keyOf(rows[i]) : i),
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const present = (key: string | undefined) => (key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === key))
  const active = present(at) >= 0 ? present(at) : present(chosen)
  // Tab must find a row even when the last one used is far away.
  const stop = items.some(({ index }) => index === active) ? active : items[0]?.index

  const reveal = useEffectEvent(() => {
    const index = present(chosen)
    if (index >= 0) virtual.scrollToIndex(index)
  })
  // The pane that opens takes room; the row that it is about stays in sight.
  useEffect(() => {
    const frame = requestAnimationFrame(() => reveal())
    return () => cancelAnimationFrame(frame)
  }, [chosen])

  const move = (step: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, active < 0 ? 0 : active + step))
    const row = rows[next]
    if (!row) return
    const key = keyOf(row)
    setAt(key)
    virtual.scrollToIndex(next)
    const element = frame.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)
    // A row that is not drawn yet takes the focus when it is.
    if (element) element.focus({ preventScroll: true })
    else wanted.current = key
  }
  const step = (event: { key: string; preventDefault: () => void; metaKey: boolean; ctrlKey: boolean; altKey: boolean }) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const by = stepOf(event.key, Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / ROW) - 1))
    if (by === undefined) return
    event.preventDefault()
    move(by)
  }
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target as HTMLElement).dataset.row) return
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      const row = rows[active]
      if (row) onOpen(row)
    } else step(event)
  }
  // With nothing focused, `j` and `k` begin here.
  const fromPage = useEffectEvent((event: globalThis.KeyboardEvent) => {
    if ((event.key === 'j' || event.key === 'k') && document.activeElement === document.body) step(event)
  })
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => fromPage(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  const click = (row: T) => (event: MouseEvent) => {
    if (!(event.target as HTMLElement).closest('a,button')) onOpen(row)
  }

  return (
    <div role="grid" aria-label={label} aria-rowcount={rows.length + 1} onKeyDown={press} className="@container flex h-full min-h-0 flex-col">
      <div role="row" className={classes(grid, 'h-8 shrink-0 border-b border-line px-4 text-xs text-muted')}>
        {columns.map((column) => (
          <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
      <div ref={frame} role="rowgroup" className="min-h-0 grow overflow-y-auto">
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (!row) return null
            const key = keyOf(row)
            return (
              <div
                key={item.key}
                ref={(element) => {
                  if (!element || wanted.current !== key) return
                  wanted.current = undefined
                  element.focus({ preventScroll: true })
                }}
                role="row"
                data-row={key}
                aria-label={nameOf(row)}
                aria-rowindex={item.index + 2}
                aria-selected={key === chosen}
                tabIndex={item.index === stop ? 0 : -1}
                onFocus={() => setAt(key)}
                onClick={click(row)}
                className={classes(
                  grid,
                  'absolute inset-x-0 top-0 h-8 cursor-pointer border-b border-line px-4 -outline-offset-2 hover:bg-hover aria-selected:bg-hover aria-selected:shadow-[inset_2px_0_var(--accent)]',
                )}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Cells columns={columns} row={row} />
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
