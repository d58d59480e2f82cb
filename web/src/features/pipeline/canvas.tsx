import { Maximize, Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, type Ref, useImperativeHandle, useRef } from 'react'
import { IconButton } from '@/components/button'
import { useDrag } from './drag'
import type { Box } from './layout'
import { type Fit, useViewport } from './viewport'

export interface CanvasHandle {
  reveal(box: Box): void
  fit(): void
}

interface Props {
  label: string
  width: number
  height: number
  /** What is shown at first; everything, when not given. */
  first?: Fit
  /** Shown in the corner, out of the way of the graph. */
  legend?: ReactNode
  ref?: Ref<CanvasHandle>
  children: ReactNode
}

const NUDGE = 48

/** An endless surface: drag or two fingers pan, wheel and pinch zoom, `+`, `-` and `0` do so from the keyboard. */
export function Canvas({ label, width, height, first, legend, ref, children }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const { view, fit, zoomBy, zoomAt, panBy, reveal } = useViewport(frame, { width, height }, first)
  const drag = useDrag({ panBy, zoomAt })
  useImperativeHandle(ref, () => ({ reveal, fit }), [reveal, fit])

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const moves: Record<string, () => void> = {
      '+': () => zoomBy(1.2),
      '=': () => zoomBy(1.2),
      '-': () => zoomBy(1 / 1.2),
      '0': fit,
      ArrowLeft: () => panBy(NUDGE, 0),
      ArrowRight: () => panBy(-NUDGE, 0),
      ArrowUp: () => panBy(0, NUDGE),
      ArrowDown: () => panBy(0, -NUDGE),
    }
    const act = moves[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  return (
    <div
      ref={frame}
      role="group"
      aria-label={label}
      onKeyDown={press}
      {...drag}
      className="canvas relative h-full touch-none overflow-clip select-none"
      style={{
        backgroundPosition: `${view.x}px ${view.y}px`,
        backgroundSize: `${24 * view.zoom}px ${24 * view.zoom}px`,
      }}
    >
      <div className="absolute top-0 left-0 origin-top-left" style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` }}>
        {children}
      </div>
      <div className="pointer-events-none absolute inset-x-3 bottom-3 flex items-end justify-between">
        <div data-control className="pointer-events-auto">
          {legend}
        </div>
        <div data-control className="pointer-events-auto flex rounded-md border border-line bg-surface p-0.5">
          <IconButton label="Zoom out (−)" onClick={() => zoomBy(1 / 1.2)}>
            <Minus className="size-4" />
          </IconButton>
          <output aria-label="Zoom" className="w-11 self-center text-center text-xs text-muted">
            {Math.round(view.zoom * 100)} %
          </output>
          <IconButton label="Zoom in (+)" onClick={() => zoomBy(1.2)}>
            <Plus className="size-4" />
          </IconButton>
          <IconButton label="Fit everything (0)" onClick={fit}>
            <Maximize className="size-4" />
          </IconButton>
        </div>
      </div>
    </div>
  )
}
