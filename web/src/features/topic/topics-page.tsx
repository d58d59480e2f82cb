import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import { deploymentsQuery, topicsQuery, useMay } from '@/api/queries'
import type { Topic } from '@/api/types'
import { Button } from '@/components/button'
import { Empty, NoMatch } from '@/components/empty'
import { Failure } from '@/components/failure'
import { Filter } from '@/components/filter'
import { count } from '@/components/format'
import { ListSkeleton } from '@/components/list-skeleton'
import { PageTitle } from '@/components/page-title'
import { readSort, type Sort, sorted, writeSort } from '@/components/sort'
import { Split } from '@/components/split'
import { Table } from '@/components/table'
import { useDelayed } from '@/components/use-delayed'
import { useEscape } from '@/components/use-escape'
import { useSide } from '@/components/use-side'
import { useRanks, useRatesChannel } from '@/live/use-rates'
import { internal } from '../pipeline/graph'
import { useWorkspace } from '../shell/workspace'
import { askForTopic } from './asking'
import { TOPIC_GRID, topicColumns, type TopicRow } from './topic-columns'
import { NOBODY, usersByTopic } from './users'

const TopicPanel = lazy(() => import('./topic-panel'))

const USUAL: Sort = { by: 'name', down: false }
/** No limit is more than any. */
const most = (value: number) => (value < 0 ? Infinity : value)
const nameOf = ({ topic }: TopicRow) => topic.name

function useTopicsSearch() {
  const search = useSearch({ from: '/shell/topics' })
  const navigate = useNavigate({ from: '/topics' })
  // What is typed is one step back in the history, not many.
  const set = (part: Partial<typeof search>, replace = true) => void navigate({ search: (before) => ({ ...before, ...part }), replace })
  return { search, set }
}

/** The rows that the address asks for, in its order. */
function useRows(topics: Topic[], users: Map<string, NonNullable<TopicRow['users']>> | undefined, sort: Sort): TopicRow[] {
  const { search } = useTopicsSearch()
  const ranks = useRanks()
  const wanted = (search.q ?? '').toLowerCase()
  const rows = topics
    .filter(({ name }) => search.internal || !internal(name))
    .map((topic): TopicRow => ({ topic, users: users && (users.get(topic.name) ?? NOBODY) }))
    .filter(({ topic, users }) => {
      const named = [...(users?.producers ?? []), ...(users?.consumers ?? [])].map(({ name }) => name)
      return [topic.name, topic.id, ...named].some((text) => text.toLowerCase().includes(wanted))
    })
  const by = {
    in: ({ topic }: TopicRow) => ranks.topic(topic.name).bytesInPerSecond,
    out: ({ topic }: TopicRow) => ranks.topic(topic.name).bytesOutPerSecond,
    messages: ({ topic }: TopicRow) => ranks.topic(topic.name).recordsInPerSecond,
    partitions: ({ topic }: TopicRow) => topic.configuration.partitions,
    kept: ({ topic }: TopicRow) => most(topic.configuration.retentionInMinutes),
    records: ({ topic }: TopicRow) => topic.records ?? -1,
    size: ({ topic }: TopicRow) => topic.bytes ?? -1,
    last: ({ topic }: TopicRow) => Date.parse(topic.lastRecordAt ?? '') || 0,
  }
  return sorted(rows, sort, by, nameOf)
}

interface ViewProps {
  workspaceId: string
  topics: Topic[]
  users: Map<string, NonNullable<TopicRow['users']>> | undefined
}

function TopicsView({ workspaceId, topics, users }: ViewProps) {
  const { search, set } = useTopicsSearch()
  const navigate = useNavigate()
  const [side, setSide] = useSide()
  const sort = readSort(search.sort, USUAL)
  const rows = useRows(topics, users, sort)
  const mayCreate = useMay(workspaceId, { resourceType: 'Topic', permission: 'Create' })
  const open = (topic: string) => set({ topic, at: undefined }, false)
  const close = () => set({ topic: undefined, view: undefined, at: undefined, from: undefined, to: undefined }, false)
  const columns = useMemo(() => topicColumns(open), [])
  const hidden = topics.filter(({ name }) => internal(name)).length
  const listed = search.internal ? topics.length : topics.length - hidden
  useEscape(Boolean(search.topic), close)

  const create = () => askForTopic(workspaceId, open)
  const pane: ReactNode = search.topic && (
    <TopicPanel
      workspaceId={workspaceId}
      name={search.topic}
      topic={topics.find((each) => each.name === search.topic)}
      users={users?.get(search.topic) ?? NOBODY}
      side={side}
      search={search}
      onSearch={set}
      onDeployment={(deploymentId) => void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId } })}
      onSide={setSide}
      onClose={close}
    />
  )
  return (
    <Split
      name="topics"
      side={side}
      share={0.5}
      main={
        <div className="flex h-full flex-col">
          <PageTitle
            title="Topics"
            tools={
              <>
                {hidden > 0 && (
                  <Button aria-pressed={Boolean(search.internal)} title="Topics that client libraries keep for themselves" onClick={() => set({ internal: search.internal ? undefined : true })}>
                    {search.internal ? 'Hide internal' : `Show ${count(hidden)} internal`}
                  </Button>
                )}
                <Filter label="Filter topics" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="h-8 w-56" />
                {mayCreate ? (
                  <Button look="primary" onClick={create}>
                    Create topic
                  </Button>
                ) : (
                  <span className="text-xs whitespace-nowrap text-muted">You can look; an administrator can grant more.</span>
                )}
              </>
            }
          >
            <p role="status" className="truncate text-muted">
              {search.q ? `${count(rows.length)} of ${count(listed)}` : count(listed)}
              {!users && <span className="text-warn"> · who uses them is not known now</span>}
            </p>
          </PageTitle>
          <div className="min-h-0 grow">
            {listed === 0 ? (
              <Empty
                title="No topics yet"
                action={mayCreate && <Button look="primary" onClick={create}>Create topic</Button>}
                link={
                  <>
                    Deployments make the topics of their variables by themselves: see the{' '}
                    <Link to="/pipeline" search={{ workspace: workspaceId }} className="text-accent underline underline-offset-2">
                      pipeline
                    </Link>
                    .
                  </>
                }
              >
                A topic keeps records in the order in which they were written. Deployments and any Kafka client write and read it, side by side.
              </Empty>
            ) : rows.length === 0 ? (
              <NoMatch what={`No topic, and no deployment that uses one, is called ‘${search.q}’.`} onClear={() => set({ q: undefined })} />
            ) : (
              <Table
                label="Topics"
                grid={TOPIC_GRID}
                columns={columns}
                rows={rows}
                keyOf={nameOf}
                nameOf={nameOf}
                sort={sort}
                onSort={(next) => set({ sort: writeSort(next, USUAL) })}
                chosen={search.topic}
                onOpen={({ topic }) => open(topic.name)}
              />
            )}
          </div>
        </div>
      }
      pane={pane && <Suspense fallback={<div className="h-full bg-surface" />}>{pane}</Suspense>}
    />
  )
}

/** The topics of the workspace that the address names. */
export default function TopicsPage() {
  const { workspaceId } = useWorkspace()
  useRatesChannel(workspaceId)
  // What topics hold changes without a word.
  const topics = useQuery({ ...topicsQuery(workspaceId), refetchInterval: 10_000 })
  const deployments = useQuery(deploymentsQuery(workspaceId))
  const users = useMemo(() => deployments.data && usersByTopic(deployments.data.value), [deployments.data])
  // Topics are shown without their users rather than not at all.
  const pending = topics.isPending || (deployments.isPending && deployments.failureCount === 0)
  const late = useDelayed(pending)

  if (topics.isError && !topics.data) {
    return <Failure title="The topics cannot be shown" error={topics.error} onRetry={() => void Promise.all([topics.refetch(), deployments.refetch()])} />
  }
  if (!topics.data || pending) return late ? <ListSkeleton label="Loading the topics" /> : null
  return <TopicsView workspaceId={workspaceId} topics={topics.data.value} users={users} />
}
