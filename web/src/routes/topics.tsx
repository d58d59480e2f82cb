import { useWorkspace } from '@/features/shell/workspace'
import TopicsPage from '@/features/topic/topics-page'

export default function TopicsRoute() {
  return <TopicsPage key={useWorkspace().workspaceId} />
}
