import type { Deployment } from '@/api/types'
import { classes } from '@/components/classes'
import { count } from '@/components/format'
import { grouped } from '@/components/grouped'
import { GROUPS, groupOf, type StatusGroup } from '../pipeline/status'

interface Props {
  deployments: Deployment[]
  chosen: StatusGroup | undefined
  onChoose: (group: StatusGroup | undefined) => void
}

/** How many run, fail, rest; a click shows those alone, another all again. */
export function StatusFilter({ deployments, chosen, onChoose }: Props) {
  const groups = grouped(deployments, ({ status }) => groupOf(status))
  const names = (Object.keys(GROUPS) as StatusGroup[]).filter((group) => groups.has(group) || group === chosen)
  return (
    <div role="group" aria-label="Filter by status" className="flex min-w-0 gap-1">
      {names.map((group) => (
        <button
          key={group}
          type="button"
          aria-pressed={group === chosen}
          onClick={() => onChoose(group === chosen ? undefined : group)}
          className={classes(
            'h-7 rounded-md border border-transparent px-2 whitespace-nowrap hover:bg-hover aria-pressed:border-line-strong aria-pressed:bg-hover',
            group === 'failed' ? 'text-bad' : 'text-muted aria-pressed:text-text',
          )}
        >
          {count(groups.get(group)?.length ?? 0)} {GROUPS[group]}
        </button>
      ))}
    </div>
  )
}
