import { useQuery } from '@tanstack/react-query'
import { ChevronRight, EllipsisVertical, RotateCcw, Trash2 } from 'lucide-react'
import { lazy, useState } from 'react'
import { details } from '@/api/details'
import { deploymentsQuery, useMay } from '@/api/queries'
import type { Group, GroupPartition } from '@/api/types'
import { classes } from '@/components/classes'
import { openDialog } from '@/components/dialogs'
import { Failure } from '@/components/failure'
import { count } from '@/components/format'
import { Menu, type MenuItem } from '@/components/menu'
import { useDelayed } from '@/components/use-delayed'
import { groupName, groupsKey, lagText } from './groups'

const GroupDialog = lazy(() => import('./group-dialog'))

/** Lag moves by itself; nothing in the change feed says so. */
const LOOK = 2_000

interface Props {
  workspaceId: string
  topic: string
  onDeployment: (id: string) => void
}

const PARTITIONS = 'grid grid-cols-[72px_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.2fr)] items-center gap-x-3 px-3 @2xl:grid-cols-[72px_112px_112px_minmax(0,1fr)_minmax(0,1.2fr)]'

function Partition({ row, most, names }: { row: GroupPartition; most: number; names: Map<string, string> }) {
  const { partition, committed, end, lag, clientId, memberId, deploymentId, replica } = row
  const known = deploymentId ? names.get(deploymentId) : undefined
  const reader = known ? `${known}${replica == null ? '' : `, replica ${replica}`}` : (clientId ?? memberId ?? 'nobody')
  return (
    <div role="row" className={classes(PARTITIONS, 'h-7')}>
      <span role="cell">{partition}</span>
      <span role="cell" className="text-right">{committed === null ? <span className="text-muted">nothing yet</span> : count(committed)}</span>
      <span role="cell" className="text-right text-muted">{count(end)}</span>
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <span className="w-16 shrink-0 text-right">{lag === null ? '–' : count(lag)}</span>
        <span aria-hidden className="h-1 grow overflow-hidden rounded-full bg-line">
          <span className={classes('block h-full rounded-full', (lag ?? 0) > 10_000 ? 'bg-warn' : 'bg-muted')} style={{ width: `${((lag ?? 0) / Math.max(1, most)) * 100}%` }} />
        </span>
      </span>
      <span role="cell" className="hidden truncate text-muted @2xl:block" title={memberId ?? undefined}>
        {reader}
      </span>
    </div>
  )
}

function Partitions({ rows, names }: { rows: GroupPartition[]; names: Map<string, string> }) {
  const most = Math.max(...rows.map(({ lag }) => lag ?? 0))
  return (
    <div role="table" aria-label="Partitions" className="border-t border-line bg-bg py-1 text-xs">
      <div role="row" className={classes(PARTITIONS, 'h-7 text-muted')}>
        <span role="columnheader">Partition</span>
        <span role="columnheader" className="text-right">Committed</span>
        <span role="columnheader" className="text-right">End</span>
        <span role="columnheader">Behind</span>
        <span role="columnheader" className="hidden @2xl:block">Read by</span>
      </div>
      {rows.map((row) => (
        <Partition key={row.partition} row={row} most={most} names={names} />
      ))}
    </div>
  )
}

interface RowProps extends Props {
  group: Group
  alone: boolean
  names: Map<string, string>
  mayChange: boolean
}

function GroupRow({ group, workspaceId, topic, alone, names, mayChange, onDeployment }: RowProps) {
  const [open, setOpen] = useState(alone)
  const name = groupName(group.group, workspaceId)
  const idle = group.members === 0
  const ask = (what: 'move' | 'delete') => () => openDialog((close) => <GroupDialog workspaceId={workspaceId} topic={topic} group={group} what={what} onClose={close} />)
  const items = (): MenuItem[] => [
    { label: 'Move…', icon: <RotateCcw />, disabled: !idle || !mayChange, onSelect: ask('move') },
    { label: 'Delete…', icon: <Trash2 />, danger: true, disabled: !idle || !mayChange, onSelect: ask('delete') },
    ...(!mayChange ? [{ kind: 'heading' as const, label: 'An administrator can grant more.' }] : idle ? [] : [{ kind: 'heading' as const, label: 'While it has members it cannot be moved.' }]),
  ]
  return (
    <li className="border-b border-line">
      <div className="grid min-h-10 grid-cols-[minmax(0,1fr)_minmax(90px,auto)_28px] items-center gap-x-3 py-1 pr-3 pl-2 @2xl:grid-cols-[minmax(0,1.4fr)_96px_minmax(120px,auto)_minmax(0,1fr)_28px]">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-w-0 items-center gap-1 rounded-sm text-left font-medium" title={group.group}>
          <ChevronRight aria-hidden className={classes('size-4 shrink-0 text-muted transition-transform duration-100', open && 'rotate-90')} />
          <span className="truncate">{name}</span>
        </button>
        <span className="hidden text-muted @2xl:block">{idle ? 'no members' : `${count(group.members)} ${group.members === 1 ? 'member' : 'members'}`}</span>
        <span className={classes('text-right whitespace-nowrap', (group.lag ?? 0) > 10_000 && 'text-warn')} title={`State: ${group.state}`}>
          {lagText(group.lag)}
        </span>
        <span className="hidden min-w-0 flex-wrap gap-x-2 @2xl:flex">
          {group.deploymentIds.length === 0 && <span className="text-muted">outside this workspace’s deployments</span>}
          {group.deploymentIds.map((id) => (
            <button key={id} type="button" className="max-w-full truncate text-accent hover:underline" onClick={() => onDeployment(id)}>
              {names.get(id) ?? 'a deployment that is gone'}
            </button>
          ))}
        </span>
        <Menu label={`Actions of ${name}`} items={items} className="inline-flex size-7 items-center justify-center text-muted hover:text-text">
          <EllipsisVertical className="size-4" />
        </Menu>
      </div>
      {open && <Partitions rows={group.partitions} names={names} />}
    </li>
  )
}

/** The groups that read a topic: who, how far behind, partition by partition. */
export default function ConsumersView({ workspaceId, topic, onDeployment }: Props) {
  const { data, error, refetch, isPending } = useQuery({
    queryKey: groupsKey(workspaceId, topic),
    queryFn: ({ signal }) => details.topicGroups(workspaceId, topic, signal),
    refetchInterval: LOOK,
  })
  const deployments = useQuery(deploymentsQuery(workspaceId)).data?.value ?? []
  const names = new Map(deployments.map(({ deploymentId, name }) => [deploymentId, name]))
  const mayChange = useMay(workspaceId, { resourceType: 'Topic', permission: 'Update' })
  const late = useDelayed(isPending)
  if (error && !data) return <Failure title="The consumers cannot be shown" error={error} onRetry={() => void refetch()} />
  if (!data) return late ? <div role="status" aria-busy="true" aria-label="Loading the consumers" className="skeleton m-3 h-24" /> : null
  if (data.length === 0) return <p className="p-4 text-muted">No consumer group has read this topic and committed how far it came. Readers without a group are not counted.</p>
  return (
    <div className="h-full overflow-y-auto">
      {error && <p role="status" className="px-3 py-1.5 text-xs text-warn">It cannot be read now; what you see may be old.</p>}
      <ul aria-label="Consumer groups">
        {data.map((group) => (
          <GroupRow key={group.group} group={group} alone={data.length === 1} workspaceId={workspaceId} topic={topic} names={names} mayChange={mayChange} onDeployment={onDeployment} />
        ))}
      </ul>
    </div>
  )
}
