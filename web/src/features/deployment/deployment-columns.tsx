import { ArrowUpCircle, EllipsisVertical, ExternalLink } from 'lucide-react'
import type { Deployment } from '@/api/types'
import { Ago } from '@/components/ago'
import { classes } from '@/components/classes'
import { count } from '@/components/format'
import { Menu } from '@/components/menu'
import type { Column } from '@/components/table'
import { inputs, outputs, stageOf } from '../pipeline/graph'
import { STAGE_BORDER } from '../pipeline/stage'
import { Status } from '../pipeline/status'
import { useDeploymentMenu } from './deployment-menu'
import { CpuCell, MemoryCell } from './usage-cells'
import { versionText } from './version'

/** Widths of the columns; narrower pages show fewer. */
export const DEPLOYMENT_GRID =
  'grid items-center gap-x-3 grid-cols-[minmax(0,1fr)_140px_28px] @4xl:grid-cols-[minmax(0,1fr)_148px_60px_60px_116px_120px_84px_80px_28px] @7xl:grid-cols-[minmax(150px,1.2fr)_minmax(148px,2fr)_56px_60px_60px_112px_116px_84px_minmax(0,1fr)_minmax(0,1fr)_28px_76px_28px]'

const MID = 'hidden @4xl:block'
const WIDE = 'hidden @7xl:block'

function Name({ deployment }: { deployment: Deployment }) {
  const stage = stageOf(deployment)
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <span aria-hidden title={stage === 'none' ? 'no topics' : stage} className={classes('h-4 shrink-0 border-l-[3px]', STAGE_BORDER[stage])} />
      <span className="truncate font-medium" title={deployment.name}>
        {deployment.name}
      </span>
    </span>
  )
}

/** The status, and why where something is wrong. */
function How({ deployment: { status, statusReason } }: { deployment: Deployment }) {
  return (
    <span className="flex min-w-0 items-center gap-2" title={statusReason ?? undefined}>
      <Status status={status} className="shrink-0" />
      {statusReason && <span className="hidden min-w-0 truncate text-xs text-muted @7xl:inline">{statusReason}</span>}
    </span>
  )
}

function Version({ deployment }: { deployment: Deployment }) {
  return (
    <span className="flex items-center gap-1.5" title={deployment.gitReference}>
      <span className={deployment.gitTag ? 'truncate' : 'font-mono text-xs'}>{versionText(deployment)}</span>
      {deployment.latestOutOfSync && (
        <span title="A newer version stands in the branch">
          <ArrowUpCircle aria-label="out of date" className="size-3.5 text-info" />
        </span>
      )}
    </span>
  )
}

function Topics({ names }: { names: string[] }) {
  const [first, ...others] = names
  if (!first) return <span className="text-muted">–</span>
  return (
    <span className="flex min-w-0 gap-1.5" title={names.join('\n')}>
      <span className="truncate">{first}</span>
      {others.length > 0 && <span className="shrink-0 text-muted">+{others.length}</span>}
    </span>
  )
}

function PublicUrl({ deployment: { name, publicUrl } }: { deployment: Deployment }) {
  if (!publicUrl) return null
  return (
    <a
      href={publicUrl}
      target="_blank"
      rel="noreferrer"
      aria-label={`Open the public URL of ${name}`}
      title={publicUrl}
      className="inline-flex size-6 items-center justify-center rounded-md align-middle text-muted hover:bg-hover hover:text-text"
    >
      <ExternalLink className="size-3.5" />
    </a>
  )
}

function Actions({ deployment, onOpen }: { deployment: Deployment; onOpen: (id: string, tab?: 'logs' | 'build') => void }) {
  const items = useDeploymentMenu(deployment, onOpen)
  return (
    <Menu label={`Actions of ${deployment.name}`} items={items} className="inline-flex size-6 items-center justify-center text-muted hover:text-text">
      <EllipsisVertical className="size-4" />
    </Menu>
  )
}

/** What the list says about a deployment. */
export function deploymentColumns(onOpen: (id: string, tab?: 'logs' | 'build') => void): Column<Deployment>[] {
  return [
    { id: 'name', label: 'Name', sorts: 'up', cell: (deployment) => <Name deployment={deployment} /> },
    { id: 'status', label: 'Status', sorts: 'up', cell: (deployment) => <How deployment={deployment} /> },
    { id: 'type', label: 'Type', sorts: 'up', className: WIDE, cell: ({ deploymentType }) => deploymentType },
    {
      id: 'replicas',
      label: 'Replicas',
      sorts: 'down',
      className: classes(MID, 'text-right'),
      cell: ({ runningReplicas, replicas }) => <span title={`${runningReplicas} of ${replicas} replicas run`}>{`${runningReplicas}/${replicas}`}</span>,
    },
    {
      id: 'restarts',
      label: 'Restarts',
      sorts: 'down',
      className: classes(MID, 'text-right'),
      cell: ({ restartCount }) => <span className={restartCount > 0 ? 'text-warn' : 'text-muted'}>{count(restartCount)}</span>,
    },
    { id: 'cpu', label: 'CPU', sorts: 'down', className: classes(MID, 'pl-2'), cell: (deployment) => <CpuCell deployment={deployment} /> },
    { id: 'memory', label: 'Memory', sorts: 'down', className: classes(MID, 'pl-2'), cell: (deployment) => <MemoryCell deployment={deployment} /> },
    { id: 'version', label: 'Version', className: classes(MID, 'pl-2'), cell: (deployment) => <Version deployment={deployment} /> },
    { id: 'reads', label: 'Reads', className: WIDE, cell: (deployment) => <Topics names={inputs(deployment)} /> },
    { id: 'writes', label: 'Writes', className: WIDE, cell: (deployment) => <Topics names={outputs(deployment)} /> },
    { id: 'url', label: 'Public URL', bare: true, className: WIDE, cell: (deployment) => <PublicUrl deployment={deployment} /> },
    {
      id: 'updated',
      label: 'Updated',
      sorts: 'down',
      className: classes(MID, 'text-muted'),
      cell: ({ updatedAt, updatedBy }) => <Ago time={updatedAt} by={updatedBy ? [updatedBy.firstName, updatedBy.lastName].filter(Boolean).join(' ') : undefined} />,
    },
    { id: 'actions', label: 'Actions', bare: true, cell: (deployment) => <Actions deployment={deployment} onOpen={onOpen} /> },
  ]
}
