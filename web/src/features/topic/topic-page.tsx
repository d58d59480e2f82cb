import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowLeft, EllipsisVertical } from 'lucide-react'
import { useMemo } from 'react'
import { deploymentsQuery, topicsQuery } from '@/api/queries'
import type { Topic } from '@/api/types'
import { Empty } from '@/components/empty'
import { Failure } from '@/components/failure'
import { bytesPerSecond } from '@/components/format'
import { Menu } from '@/components/menu'
import { PageTitle } from '@/components/page-title'
import { Split } from '@/components/split'
import { useDelayed } from '@/components/use-delayed'
import { useRatesChannel, useTopicRates } from '@/live/use-rates'
import { DeploymentSkeleton } from '../deployment/deployment-skeleton'
import { useWorkspace } from '../shell/workspace'
import { TopicFacts } from './topic-facts'
import { useTopicMenu } from './topic-menu'
import { TopicViews } from './topic-views'
import { NOBODY, usersByTopic } from './users'

/** Facts want about this much; the rest takes what is left. */
const FACTS = 320

function Title({ name, topic, workspaceId }: { name: string; topic: Topic; workspaceId: string }) {
  const { bytesInPerSecond } = useTopicRates(name)
  const items = useTopicMenu(topic)
  return (
    <PageTitle
      title={
        <span className="flex min-w-0 items-center gap-2">
          <Link
            to="/topics"
            search={{ workspace: workspaceId }}
            aria-label="All topics"
            title="All topics"
            className="-ml-1.5 inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
          >
            <ArrowLeft className="size-4" />
          </Link>
          <span className="truncate">{name}</span>
        </span>
      }
      tools={
        <Menu label={`Actions of ${name}`} items={items} className="inline-flex size-7 items-center justify-center text-muted hover:text-text">
          <EllipsisVertical className="size-4" />
        </Menu>
      }
    >
      <span className={bytesInPerSecond > 0 ? 'whitespace-nowrap text-flow' : 'whitespace-nowrap text-muted'}>{bytesPerSecond(bytesInPerSecond)}</span>
    </PageTitle>
  )
}

/** One topic: what it is, what it holds, who reads it and what it carried. */
export default function TopicPage({ name }: { name: string }) {
  const { workspaceId } = useWorkspace()
  useRatesChannel(workspaceId)
  const search = useSearch({ from: '/shell/topics/$topicName' })
  const navigate = useNavigate()
  // What it holds changes without a word.
  const topics = useQuery({ ...topicsQuery(workspaceId), refetchInterval: 10_000 })
  const deployments = useQuery(deploymentsQuery(workspaceId)).data
  const users = useMemo(() => (deployments ? (usersByTopic(deployments.value).get(name) ?? NOBODY) : NOBODY), [deployments, name])
  const late = useDelayed(topics.isPending)
  const topic = topics.data?.value.find((each) => each.name === name)
  const openDeployment = (deploymentId: string) => void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId } })

  if (topics.isError && !topics.data) return <Failure title="The topic cannot be shown" error={topics.error} onRetry={() => void topics.refetch()} />
  if (!topics.data) return late ? <DeploymentSkeleton label="Loading the topic" /> : null
  if (!topic) {
    return (
      <Empty
        title="There is no such topic"
        link={
          <Link to="/topics" search={{ workspace: workspaceId }} className="text-accent underline underline-offset-2">
            All topics
          </Link>
        }
      >
        It was deleted, or stands in another environment.
      </Empty>
    )
  }
  return (
    <div className="flex h-full flex-col">
      <Title name={name} topic={topic} workspaceId={workspaceId} />
      <div className="min-h-0 grow">
        <Split
          name="topic.facts"
          side="right"
          share={1 - FACTS / window.innerWidth}
          main={
            <section aria-label="Facts" className="h-full overflow-y-auto bg-surface px-4 py-3">
              <TopicFacts name={name} topic={topic} users={users} onDeployment={openDeployment} />
            </section>
          }
          pane={
            <section aria-label="Views" className="h-full bg-surface">
              <TopicViews
                workspaceId={workspaceId}
                name={name}
                topic={topic}
                search={search}
                onSearch={(part) => void navigate({ to: '/topics/$topicName', params: { topicName: name }, search: { ...search, ...part }, replace: true })}
                onDeployment={openDeployment}
              />
            </section>
          }
        />
      </div>
    </div>
  )
}
