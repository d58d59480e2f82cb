import { useMay } from '@/api/queries'
import { Button } from '@/components/button'
import { askToDeploy } from './asking'

/** Deploys an application; says why not, where one may not. */
export function DeployButton({ workspaceId, onDeployed }: { workspaceId: string; onDeployed: (deploymentId: string) => void }) {
  const may = useMay(workspaceId, { resourceType: 'Deployment', permission: 'Create' })
  if (!may) return <span className="text-xs whitespace-nowrap text-muted">You can look; an administrator can grant more.</span>
  return (
    <Button look="primary" onClick={() => askToDeploy(workspaceId, ({ deploymentId }) => onDeployed(deploymentId))}>
      Deploy
    </Button>
  )
}
