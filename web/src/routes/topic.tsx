import { useParams } from '@tanstack/react-router'
import { useWorkspace } from '@/features/shell/workspace'
import TopicPage from '@/features/topic/topic-page'

export default function TopicRoute() {
  const { topicName } = useParams({ from: '/shell/topics/$topicName' })
  return <TopicPage key={`${useWorkspace().workspaceId} ${topicName}`} name={topicName} />
}
