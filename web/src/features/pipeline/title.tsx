import type { Deployment } from '@/api/types'
import { PageTitle } from '@/components/page-title'
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
    <PageTitle title="Pipeline">
      <p className="flex gap-3 text-muted">
        {running && <span>{running}</span>}
        {failed && <span className="text-bad">{failed}</span>}
        {others && <span>{others}</span>}
      </p>
    </PageTitle>
  )
}
