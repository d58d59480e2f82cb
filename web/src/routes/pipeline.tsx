import PipelinePage from '@/features/pipeline/pipeline-page'
import { useWorkspace } from '@/features/shell/workspace'

/** What one workspace's page remembers is nothing to another's. */
export default function PipelineRoute() {
  return <PipelinePage key={useWorkspace().workspaceId} />
}
