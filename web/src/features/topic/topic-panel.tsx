import { EllipsisVertical } from 'lucide-react'
import type { Topic } from '@/api/types'
import { bytesPerSecond } from '@/components/format'
import { Menu } from '@/components/menu'
import { Panel } from '@/components/panel'
import type { Side } from '@/components/split'
import { useTopicRates } from '@/live/use-rates'
import { MessagesView } from './messages-view'
import { TopicFacts } from './topic-facts'
import { useTopicMenu } from './topic-menu'
import type { Users } from './users'

interface Props {
  workspaceId: string
  name: string
  topic: Topic | undefined
  side: Side
  users: Users
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

/** A topic: what it is, and its newest messages. */
export default function TopicPanel({ workspaceId, name, topic, side, users, onDeployment, onSide, onClose }: Props) {
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
      tools={topic && <Actions topic={topic} />}
      side={side}
      onSide={onSide}
      onClose={onClose}
      facts={<TopicFacts name={name} topic={topic} users={users} onDeployment={onDeployment} />}
    >
      <MessagesView key={name} workspaceId={workspaceId} name={name} revision={topic?.revision} />
    </Panel>
  )
}
