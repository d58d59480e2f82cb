import type { ReactNode } from 'react'
import type { Deployment } from '@/api/types'
import { grouped } from '@/components/grouped'
import { PageTitle } from '@/components/page-title'
import { GROUPS, groupOf, type StatusGroup } from './status'

/** How many run, fail, rest: `3 running · 1 failed`. */
export function summary(deployments: Pick<Deployment, 'status'>[]): { running: string; failed: string; others: string } {
  const groups = grouped(deployments, ({ status }) => groupOf(status))
  const word = (group: StatusGroup) => (groups.has(group) ? `${groups.get(group)?.length} ${GROUPS[group]}` : '')
  return {
    running: word('running'),
    failed: word('failed'),
    others: [word('busy'), word('rest')].filter(Boolean).join(' · '),
  }
}

/** The page's name, how its deployments do, and the way to one more. */
export function PipelineTitle({ deployments, deploy }: { deployments: Deployment[]; deploy: ReactNode }) {
  const { running, failed, others } = summary(deployments)
  return (
    <PageTitle title="Pipeline" tools={deploy}>
      <p className="flex gap-3 text-muted">
        {running && <span>{running}</span>}
        {failed && <span className="text-bad">{failed}</span>}
        {others && <span>{others}</span>}
      </p>
    </PageTitle>
  )
}
