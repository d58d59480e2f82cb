import type { Deployment } from '@/api/types'
import { classes } from '@/components/classes'
import { bytes, cores } from '@/components/format'
import { Sparkline } from '@/components/sparkline'
import { useUsage, useUsageHistory } from '@/live/use-rates'
import { limitsOf } from '../pipeline/usage'

interface CellProps {
  label: string
  name: string
  used: number | undefined
  limit: number
  values: number[]
  write: (value: number) => string
}

/** The last minute and a half as a line, whose colour says how near the limit is, and the present value. */
function Cell({ label, name, used, limit, values, write }: CellProps) {
  const share = used === undefined ? 0 : used / limit
  const colour = share >= 0.95 ? 'bad' : share >= 0.8 ? 'warn' : undefined
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_56px] items-center gap-2" title={used === undefined ? `Limit ${write(limit)}` : `${write(used)} of ${write(limit)}`}>
      {used === undefined ? <span /> : <Sparkline values={values} label={`${label} of ${name}`} className="w-full" colour={`var(--${colour ?? 'muted'})`} />}
      <span className={classes('text-right whitespace-nowrap', used === undefined && 'text-muted', colour === 'bad' && 'text-bad', colour === 'warn' && 'text-warn')}>
        {used === undefined ? '–' : write(used)}
      </span>
    </div>
  )
}

export function CpuCell({ deployment }: { deployment: Deployment }) {
  const { deploymentId, name } = deployment
  const values = useUsageHistory(deploymentId).map((usage) => usage?.cpuMillicores ?? 0)
  return <Cell label="CPU" name={name} used={useUsage(deploymentId)?.cpuMillicores} limit={limitsOf(deployment).cpu} values={values} write={cores} />
}

export function MemoryCell({ deployment }: { deployment: Deployment }) {
  const { deploymentId, name } = deployment
  const values = useUsageHistory(deploymentId).map((usage) => usage?.memoryBytes ?? 0)
  return <Cell label="Memory" name={name} used={useUsage(deploymentId)?.memoryBytes} limit={limitsOf(deployment).memory} values={values} write={bytes} />
}
