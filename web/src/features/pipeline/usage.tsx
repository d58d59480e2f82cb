import { classes } from '@/components/classes'
import { bytes, cores } from '@/components/format'
import type { Usage } from '@/live/protocol'

const MIB = 1024 * 1024

interface BarProps {
  label: string
  used: number | undefined
  limit: number
  write: (value: number) => string
}

function Meter({ label, used, limit, write }: BarProps) {
  const share = used === undefined ? 0 : Math.min(1, used / limit)
  const colour = share >= 0.95 ? 'bg-bad' : share >= 0.8 ? 'bg-warn' : 'bg-muted'
  return (
    <span
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={used ?? 0}
      aria-valuetext={`${write(used ?? 0)} of ${write(limit)}`}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <span className={classes('block h-full rounded-full transition-[width] duration-150', colour)} style={{ width: `${share * 100}%` }} />
    </span>
  )
}

function Bar(props: BarProps) {
  const { label, used, limit, write } = props
  return (
    <div className="grid grid-cols-[46px_1fr_112px] items-center gap-2 text-xs text-muted">
      <span>{label}</span>
      <Meter {...props} />
      <span className="text-right whitespace-nowrap">
        <span className={used === undefined ? undefined : 'text-text'}>{used === undefined ? '–' : write(used)}</span> / {write(limit)}
      </span>
    </div>
  )
}

interface Props {
  usage: Usage | undefined
  replicas: number
  cpuMillicores: number
  memoryInMb: number
}

/** The limits of all replicas together. */
export const limitsOf = ({ replicas, cpuMillicores, memoryInMb }: Omit<Props, 'usage'>) => {
  const times = Math.max(1, replicas)
  return { cpu: cpuMillicores * times, memory: memoryInMb * MIB * times }
}

/** What all replicas use of what they may use. */
export function UsageBars({ usage, ...rest }: Props) {
  const { cpu, memory } = limitsOf(rest)
  return (
    <div className="grid gap-1">
      <Bar label="CPU" used={usage?.cpuMillicores} limit={cpu} write={cores} />
      <Bar label="Memory" used={usage?.memoryBytes} limit={memory} write={bytes} />
    </div>
  )
}
