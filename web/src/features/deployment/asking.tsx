import { lazy } from 'react'
import type { Deployment } from '@/api/types'
import { openDialog } from '@/components/dialogs'

const DeployDialog = lazy(() => import('./deploy-dialog'))
const EditDialog = lazy(() => import('./edit-dialog'))
const DeleteDialog = lazy(() => import('./delete-dialog'))

export function askToDeploy(workspaceId: string, onDeployed: (deployment: Deployment) => void): void {
  openDialog((close) => <DeployDialog workspaceId={workspaceId} onDeployed={onDeployed} onClose={close} />)
}

export function askToEdit(deployment: Deployment): void {
  openDialog((close) => <EditDialog deployment={deployment} onClose={close} />)
}

/** Opens the dialog that confirms the deletion. */
export function askToDelete(deployment: Deployment): void {
  openDialog((close) => <DeleteDialog deployment={deployment} onClose={close} />)
}
