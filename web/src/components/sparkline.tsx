import { classes } from './classes'

const WIDTH = 120
const HEIGHT = 24

interface Props {
  values: number[]
  label: string
  className?: string
  /** Of what is no flow of data. */
  colour?: string
  /** What reaches the top at least. */
  top?: number
}

/** A small line of recent values, from zero upwards; the last value stands beside it as text. */
export function Sparkline({ values, label, className = 'w-30', colour: wanted, top: least = 1 }: Props) {
  const top = Math.max(...values, least)
  // Green is for data that flows.
  const colour = wanted ?? (values.some((value) => value > 0) ? 'var(--flow)' : 'var(--line-strong)')
  const step = WIDTH / Math.max(1, values.length - 1)
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`)
  const line = points.join(' ')
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes('h-6 shrink-0', className)}>
      {values.length > 1 && (
        <>
          <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill={colour} opacity={0.14} />
          <polyline points={line} fill="none" stroke={colour} strokeWidth={1.5} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
        </>
      )}
    </svg>
  )
}
