import { useParams } from '@tanstack/react-router'
import DeploymentPage from '@/features/deployment/deployment-page'
import { useWorkspace } from '@/features/shell/workspace'

export default function DeploymentRoute() {
  const { deploymentId } = useParams({ from: '/shell/deployments/$deploymentId' })
  return <DeploymentPage key={`${useWorkspace().workspaceId} ${deploymentId}`} deploymentId={deploymentId} />
}
