import { EllipsisVertical } from 'lucide-react'
import type { Topic } from '@/api/types'
import { Ago } from '@/components/ago'
import { classes } from '@/components/classes'
import { bytes, bytesPerSecond, count, perSecond, short } from '@/components/format'
import { Menu } from '@/components/menu'
import { Sparkline } from '@/components/sparkline'
import type { Column } from '@/components/table'
import { useHeard, useTopicHistory, useTopicRates } from '@/live/use-rates'
import { keptText, keptTitle } from './configuration'
import { useTopicMenu } from './topic-menu'
import { type Named, namesText, type Users } from './users'

export interface TopicRow {
  topic: Topic
  /** Nothing while the deployments are not known. */
  users: Users | undefined
}

/** Widths of the columns; narrower pages show fewer. */
export const TOPIC_GRID =
  'grid items-center gap-x-3 grid-cols-[minmax(0,1fr)_80px_80px_28px] @4xl:grid-cols-[minmax(150px,1.4fr)_76px_76px_84px_72px_88px_minmax(0,1fr)_28px] @7xl:grid-cols-[minmax(170px,1.5fr)_88px_76px_76px_76px_88px_72px_92px_68px_132px_minmax(0,1fr)_minmax(0,1fr)_28px]'

const MID = 'hidden @4xl:block'
const WIDE = 'hidden @7xl:block'
const NUMBER = 'text-right'

function Name({ topic: { name, status } }: { topic: Topic }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="truncate font-medium" title={name}>
        {name}
      </span>
      {status !== 'Ready' && <span className={classes('shrink-0 text-xs', status === 'Error' ? 'text-bad' : 'text-warn')}>{status}</span>}
    </span>
  )
}

function Rate({ name, of }: { name: string; of: 'bytesInPerSecond' | 'bytesOutPerSecond' }) {
  const rate = useTopicRates(name)[of]
  if (!useHeard()) return <span className="text-muted">–</span>
  return <span className={rate > 0 ? (of === 'bytesInPerSecond' ? 'text-flow' : undefined) : 'text-muted'}>{bytesPerSecond(rate)}</span>
}

function Records({ name }: { name: string }) {
  const { recordsInPerSecond } = useTopicRates(name)
  if (!useHeard()) return <span className="text-muted">–</span>
  return <span className={recordsInPerSecond > 0 ? undefined : 'text-muted'}>{perSecond(recordsInPerSecond)}</span>
}

function Traffic({ name }: { name: string }) {
  return <Sparkline values={useTopicHistory(name)} label={`Bytes per second of ${name}`} className="w-24" />
}

function Names({ named }: { named: Named[] | undefined }) {
  if (!named) return <span className="text-muted">?</span>
  if (named.length === 0) return <span className="text-muted">–</span>
  return <span title={named.map(({ name }) => name).join('\n')}>{namesText(named)}</span>
}

function Actions({ topic, onOpen }: { topic: Topic; onOpen: (name: string) => void }) {
  const items = useTopicMenu(topic, onOpen)
  return (
    <Menu label={`Actions of ${topic.name}`} items={items} className="inline-flex size-6 items-center justify-center text-muted hover:text-text">
      <EllipsisVertical className="size-4" />
    </Menu>
  )
}

const unknown = <span className="text-muted">–</span>

function LastRecord({ topic: { name, lastRecordAt } }: { topic: Topic }) {
  // The list is read now and then; what flows is heard at once.
  if (useTopicRates(name).bytesInPerSecond > 0) return <>now</>
  if (lastRecordAt === undefined) return unknown
  return lastRecordAt === null ? <span className="text-muted">never</span> : <Ago time={lastRecordAt} />
}

/** What the list says about a topic. */
export function topicColumns(onOpen: (name: string) => void): Column<TopicRow>[] {
  return [
    { id: 'name', label: 'Name', sorts: 'up', cell: ({ topic }) => <Name topic={topic} /> },
    { id: 'traffic', label: 'Traffic', className: WIDE, cell: ({ topic }) => <Traffic name={topic.name} /> },
    { id: 'in', label: 'In', sorts: 'down', className: NUMBER, cell: ({ topic }) => <Rate name={topic.name} of="bytesInPerSecond" /> },
    { id: 'out', label: 'Out', sorts: 'down', className: NUMBER, cell: ({ topic }) => <Rate name={topic.name} of="bytesOutPerSecond" /> },
    { id: 'messages', label: 'Messages', sorts: 'down', className: classes(WIDE, NUMBER), cell: ({ topic }) => <Records name={topic.name} /> },
    {
      id: 'records',
      label: 'Records',
      sorts: 'down',
      className: classes(MID, NUMBER),
      cell: ({ topic: { records, configuration } }) =>
        records === undefined ? unknown : <span title={configuration.cleanupPolicy === 'Delete' ? count(records) : `${count(records)} at most: of each key the last alone is kept`}>{short(records)}</span>,
    },
    { id: 'size', label: 'Size', sorts: 'down', className: classes(MID, NUMBER), cell: ({ topic }) => (topic.bytes === undefined ? unknown : bytes(topic.bytes)) },
    { id: 'last', label: 'Last record', sorts: 'down', className: classes(MID, NUMBER), cell: ({ topic }) => <LastRecord topic={topic} /> },
    { id: 'partitions', label: 'Partitions', sorts: 'down', className: classes(WIDE, NUMBER), cell: ({ topic }) => topic.configuration.partitions },
    { id: 'kept', label: 'Kept', sorts: 'down', className: classes(WIDE, 'pl-3'), cell: ({ topic: { configuration } }) => <span title={keptTitle(configuration)}>{keptText(configuration)}</span> },
    { id: 'writers', label: 'Written by', className: WIDE, cell: ({ users }) => <Names named={users?.producers} /> },
    { id: 'readers', label: 'Read by', className: classes(MID, 'pl-3 @7xl:pl-0'), cell: ({ users }) => <Names named={users?.consumers} /> },
    { id: 'actions', label: 'Actions', bare: true, cell: ({ topic }) => <Actions topic={topic} onOpen={onOpen} /> },
  ]
}
