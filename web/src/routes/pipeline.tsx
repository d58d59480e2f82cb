import PipelinePage from '@/features/pipeline/pipeline-page'
import { useWorkspace } from '@/features/shell/workspace'

export default function PipelineRoute() {
  const { workspaceId } = useWorkspace()
  return <PipelinePage key={workspaceId} workspaceId={workspaceId} />
}
