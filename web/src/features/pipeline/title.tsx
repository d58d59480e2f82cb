import type { Deployment } from '@/api/types'
import { canStop, lookOf } from './status'

/** How many run, fail, rest: `3 running · 1 failed`. */
export function summary(deployments: Pick<Deployment, 'status'>[]): { running: string; failed: string; others: string } {
  const failed = deployments.filter(({ status }) => lookOf(status).text === 'text-bad').length
  const running = deployments.filter(({ status }) => status === 'Running').length
  const busy = deployments.filter(({ status }) => canStop(status) && lookOf(status).busy).length
  const resting = deployments.length - failed - running - busy
  const word = (count: number, text: string) => (count > 0 ? `${count} ${text}` : '')
  return {
    running: word(running, 'running'),
    failed: word(failed, 'failed'),
    others: [word(busy, 'on the way'), word(resting, 'at rest')].filter(Boolean).join(' · '),
  }
}

/** The page's name, and how its deployments do. */
export function PipelineTitle({ deployments }: { deployments: Deployment[] }) {
  const { running, failed, others } = summary(deployments)
  return (
    <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
      <h1 className="text-base font-semibold">Pipeline</h1>
      <p className="flex gap-3 text-muted">
        {running && <span>{running}</span>}
        {failed && <span className="text-bad">{failed}</span>}
        {others && <span>{others}</span>}
      </p>
    </header>
  )
}
