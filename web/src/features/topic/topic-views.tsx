import { lazy, Suspense } from 'react'
import type { Topic } from '@/api/types'
import { Tabs } from '@/components/tabs'
import type { RangeSearch } from '../metrics/range'
import { MessagesView } from './messages-view'

const ConsumersView = lazy(() => import('./consumers-view'))
const TopicMetrics = lazy(() => import('../metrics/topic-metrics'))

export const TOPIC_VIEWS = ['messages', 'consumers', 'metrics'] as const
export type TopicView = (typeof TOPIC_VIEWS)[number]

/** What the address says of the view of a topic. */
export interface TopicSearch extends RangeSearch {
  view?: TopicView
  /** From where messages are read. */
  at?: string
}

interface Props {
  workspaceId: string
  name: string
  topic: Topic | undefined
  search: TopicSearch
  onSearch: (search: TopicSearch) => void
  onDeployment: (id: string) => void
}

const LABELS: Record<TopicView, string> = { messages: 'Messages', consumers: 'Consumers', metrics: 'Metrics' }

/** What a topic holds, who reads it and how far behind, and what it carried. */
export function TopicViews({ workspaceId, name, topic, search, onSearch, onDeployment }: Props) {
  const view = search.view ?? 'messages'
  return (
    <div className="@container flex h-full min-h-0 min-w-0 flex-col">
      <div className="h-9 shrink-0 border-b border-line px-2">
        <Tabs label="Views of the topic" tabs={TOPIC_VIEWS.map((id) => ({ id, label: LABELS[id] }))} chosen={view} onChoose={(next) => onSearch({ view: next === 'messages' ? undefined : next })} />
      </div>
      <div role="tabpanel" aria-label={LABELS[view]} className="min-h-0 grow">
        <Suspense>
          {view === 'messages' && <MessagesView key={name} workspaceId={workspaceId} name={name} revision={topic?.revision} at={search.at} onAt={(at) => onSearch({ at })} />}
          {view === 'consumers' && <ConsumersView key={name} workspaceId={workspaceId} topic={name} onDeployment={onDeployment} />}
          {view === 'metrics' && <TopicMetrics key={name} workspaceId={workspaceId} name={name} search={search} onSearch={onSearch} />}
        </Suspense>
      </div>
    </div>
  )
}
