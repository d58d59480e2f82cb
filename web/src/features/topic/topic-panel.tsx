import { Link } from '@tanstack/react-router'
import { EllipsisVertical, Maximize2 } from 'lucide-react'
import { useState } from 'react'
import type { Topic } from '@/api/types'
import { bytesPerSecond } from '@/components/format'
import { Menu } from '@/components/menu'
import { Panel } from '@/components/panel'
import type { Side } from '@/components/split'
import { useTopicRates } from '@/live/use-rates'
import { TopicFacts } from './topic-facts'
import { useTopicMenu } from './topic-menu'
import { type TopicSearch, TopicViews } from './topic-views'
import type { Users } from './users'

interface Props {
  workspaceId: string
  name: string
  topic: Topic | undefined
  side: Side
  users: Users
  /** Where the address keeps the view; without it the panel does. */
  search?: TopicSearch
  onSearch?: (search: TopicSearch) => void
  onDeployment: (id: string) => void
  onSide: (side: Side) => void
  onClose: () => void
}

function Actions({ topic }: { topic: Topic }) {
  const items = useTopicMenu(topic)
  return (
    <Menu label={`Actions of ${topic.name}`} items={items} className="inline-flex size-7 items-center justify-center text-muted hover:text-text">
      <EllipsisVertical className="size-4" />
    </Menu>
  )
}

/** A topic: what it is, its messages, who reads it. */
export default function TopicPanel({ workspaceId, name, topic, side, users, search, onSearch, onDeployment, onSide, onClose }: Props) {
  const [own, setOwn] = useState<TopicSearch>({})
  const rates = useTopicRates(name)
  return (
    <Panel
      title={
        <>
          <h2 className="truncate text-base font-semibold">{name}</h2>
          <span className={rates.bytesInPerSecond > 0 ? 'whitespace-nowrap text-flow' : 'whitespace-nowrap text-muted'}>
            {bytesPerSecond(rates.bytesInPerSecond)}
          </span>
        </>
      }
      tools={
        topic && (
          <>
            <Link
              to="/topics/$topicName"
              params={{ topicName: name }}
              search={{ workspace: workspaceId }}
              aria-label={`Open the page of ${name}`}
              title="Open its page"
              className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
            >
              <Maximize2 className="size-4" />
            </Link>
            <Actions topic={topic} />
          </>
        )
      }
      side={side}
      onSide={onSide}
      onClose={onClose}
      facts={<TopicFacts name={name} topic={topic} users={users} onDeployment={onDeployment} />}
    >
      <TopicViews
        workspaceId={workspaceId}
        name={name}
        topic={topic}
        search={search ?? own}
        onSearch={onSearch ?? ((part) => setOwn((before) => ({ ...before, ...part })))}
        onDeployment={onDeployment}
      />
    </Panel>
  )
}
