import DeploymentsPage from '@/features/deployment/deployments-page'
import { useWorkspace } from '@/features/shell/workspace'

export default function DeploymentsRoute() {
  return <DeploymentsPage key={useWorkspace().workspaceId} />
}
