import 'uplot/dist/uPlot.min.css'
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import { useShownTheme } from '@/components/theme'
import { type Frame, frameOf, type Line, valueAt } from './frame'
import { Legend } from './legend'
import { LEAST } from './range'
import { stepsOf, TICK, timeTicks, type Unit, WRITE } from './units'

export const HEIGHT = 148
export const COLOURS = 8

export interface ChartProps {
  title: string
  unit: Unit
  lines: Line[]
  /** A line that the values should stay below. */
  limit?: { value: number; label: string }
  from: number
  to: number
  /** Milliseconds without a point that are a gap. */
  gap: number
  /** Charts of one name share the crosshair. */
  sync: string
  utc: boolean
  /** Values hold until the next one: counts. */
  stepped?: boolean
  onZoom: (from: number, to: number) => void
  onReset: () => void
}

/** The top of an axis whose values are all near nothing. */
const LEAST_TOP: Record<Unit, number> = { millicores: 10, bytes: 1024, count: 1, records: 1, bytesPerSecond: 10, recordsPerSecond: 1 }

const colourOf = (i: number) => `--series-${(i % COLOURS) + 1}`

function options(props: ChartProps, colour: (name: string) => string, width: number, range: () => [number, number], hooks: uPlot.Hooks.Arrays, reset: () => void): uPlot.Options {
  const { unit, lines, limit, utc, stepped, sync } = props
  const paths = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined
  const steps = stepsOf(unit)
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: '12px "Inter Variable", system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height: HEIGHT,
    ms: 1,
    legend: { show: false },
    padding: [8, 22, 0, 0],
    tzDate: (time) => (utc ? uPlot.tzDate(new Date(time), 'Etc/UTC') : new Date(time)),
    cursor: {
      y: false,
      sync: { key: sync, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { dblclick: () => () => (reset(), null) },
    },
    scales: {
      x: { time: true, range },
      y: { range: (_, __, most) => [0, Math.max(limit?.value ?? 0, most ?? 0, LEAST_TOP[unit]) * 1.08] },
    },
    axes: [
      { ...axis, size: 26, space: 72, values: (_, times, __, ___, step) => timeTicks(times, step, utc) },
      { ...axis, size: 68, space: 28, values: (_, values) => values.map((value) => TICK[unit](value)), ...(steps && { incrs: steps }) },
    ],
    series: [
      {},
      ...lines.flatMap((_, i): uPlot.Series[] => [
        { stroke: colour(colourOf(i)), width: 1.5, points: { show: false }, ...(paths && { paths }) },
        { width: 0, points: { show: false }, ...(paths && { paths }) },
        { width: 0, points: { show: false }, ...(paths && { paths }) },
      ]),
    ],
    bands: lines.map((_, i) => ({ series: [3 * i + 3, 3 * i + 2], fill: `${colour(colourOf(i))}38` })),
    hooks,
  }
}

function drawLimit(plot: uPlot, value: number, colour: string): void {
  const { ctx, bbox } = plot
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = window.devicePixelRatio
  ctx.setLineDash([5, 4].map((n) => n * window.devicePixelRatio))
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** Values over time. Charts of a page share the crosshair; a brush zooms, a double click leads back. */
export function Chart(props: ChartProps) {
  const { title, unit, lines, limit, from, to, gap, utc, stepped, sync } = props
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const range = useRef<[number, number]>([from, to])
  range.current = [from, to]
  const theme = useShownTheme()
  const [at, setAt] = useState<number | null>()
  const frame = useMemo((): Frame => frameOf(lines, gap), [lines, gap])
  const latest = useRef(frame)
  latest.current = frame
  const shape = `${lines.map(({ label }) => label).join('\n')} ${limit?.value} ${theme} ${utc} ${unit} ${stepped} ${sync}`

  const zoom = useEffectEvent((chosen: uPlot) => {
    const { left, width } = chosen.select
    if (width < 4) return
    const [start, end] = [chosen.posToVal(left, 'x'), chosen.posToVal(left + width, 'x')]
    chosen.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (end - start >= LEAST) props.onZoom(Math.round(start), Math.round(end))
  })
  const reset = useEffectEvent(() => props.onReset())
  const make = useEffectEvent((element: HTMLElement) => {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const hooks: uPlot.Hooks.Arrays = {
      setCursor: [(chosen) => setAt(chosen.cursor.left !== undefined && chosen.cursor.left >= 0 ? chosen.cursor.idx : null)],
      setSelect: [(chosen) => zoom(chosen)],
      draw: limit ? [(chosen) => drawLimit(chosen, limit.value, colour('--warn'))] : [],
    }
    return new uPlot(options(props, colour, element.clientWidth, () => range.current, hooks, () => reset()), latest.current as uPlot.AlignedData, element)
  })

  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    const made = make(element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.current = undefined
      made.destroy()
    }
  }, [shape])
  useEffect(() => plot.current?.setData(frame as uPlot.AlignedData), [frame, from, to])

  const empty = frame[0].length === 0
  return (
    <figure aria-label={title} className="flex min-w-0 flex-col border-b border-line px-3 pt-2 pb-1">
      <Legend
        title={title}
        time={typeof at === 'number' ? frame[0][at] : undefined}
        utc={utc}
        items={lines.map(({ label }, i) => {
          const value = valueAt(frame[3 * i + 1] as Frame[1], at)
          return { label, colour: `var(${colourOf(i)})`, text: value === undefined ? '–' : WRITE[unit](value) }
        })}
        limit={limit && `${limit.label} ${WRITE[unit](limit.value)}`}
      />
      <div className="relative mt-auto">
        <div ref={place} style={{ height: HEIGHT }} />
        {empty && <p className="absolute inset-x-0 top-14 text-center text-muted">Nothing was measured in this time.</p>}
      </div>
    </figure>
  )
}
