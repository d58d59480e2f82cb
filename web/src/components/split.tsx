import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { classes } from './classes'
import { remembered } from './storage'

export type Side = 'bottom' | 'right'

interface Props {
  /** Under which name the size is remembered. */
  name: string
  side: Side
  /** Share of the whole that the second pane takes at first. */
  share?: number
  main: ReactNode
  /** The second pane; the first takes everything when there is none. */
  pane: ReactNode
}

const LEAST = 0.18
const MOST = 0.82
const STEP = 0.02

const within = (share: number) => Math.min(MOST, Math.max(LEAST, share))

/** Two panes with a border that can be dragged, or moved with the arrow keys. */
export function Split({ name, side, share = 0.42, main, pane }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const key = `split.${name}.${side}`
  const [sizes, setSizes] = useState<Record<string, number>>({})
  const size = sizes[key] ?? within(Number(remembered.get(key)) || share)

  const resize = (next: number) => {
    setSizes((before) => ({ ...before, [key]: within(next) }))
    remembered.set(key, within(next).toFixed(3))
  }
  const drag = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect()
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    resize(side === 'bottom' ? (box.bottom - event.clientY) / box.height : (box.right - event.clientX) / box.width)
  }
  const press = (event: KeyboardEvent) => {
    const grow = side === 'bottom' ? 'ArrowUp' : 'ArrowLeft'
    const shrink = side === 'bottom' ? 'ArrowDown' : 'ArrowRight'
    if (event.key !== grow && event.key !== shrink) return
    event.preventDefault()
    resize(size + (event.key === grow ? STEP : -STEP))
  }

  return (
    <div ref={frame} className={classes('flex h-full min-h-0 min-w-0', side === 'bottom' ? 'flex-col' : 'flex-row')}>
      <div className="min-h-0 min-w-0 flex-1">{main}</div>
      {pane && (
        <>
          <div
            role="separator"
            tabIndex={0}
            aria-label="Resize the panel"
            aria-orientation={side === 'bottom' ? 'horizontal' : 'vertical'}
            aria-valuenow={Math.round(size * 100)}
            aria-valuemin={LEAST * 100}
            aria-valuemax={MOST * 100}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag}
            onKeyDown={press}
            className={classes(
              'relative z-10 shrink-0 touch-none bg-line hover:bg-accent focus-visible:bg-accent after:absolute',
              side === 'bottom'
                ? 'h-px cursor-row-resize after:inset-x-0 after:-inset-y-1'
                : 'w-px cursor-col-resize after:inset-y-0 after:-inset-x-1',
            )}
          />
          {/* A share of a window that has become narrow may be too little for the other pane. */}
          <div
            className={classes('min-h-0 min-w-0 shrink-0 overflow-hidden', side === 'right' && 'max-w-[calc(100%-260px)]')}
            style={{ [side === 'bottom' ? 'height' : 'width']: `${size * 100}%` }}
          >
            {pane}
          </div>
        </>
      )}
    </div>
  )
}
