import { lazy } from 'react'
import type { Deployment } from '@/api/types'
import { openDialog } from '@/components/dialogs'

const DeleteDialog = lazy(() => import('./delete-dialog'))

/** Opens the dialog that confirms the deletion. */
export function askToDelete(deployment: Deployment): void {
  openDialog((close) => <DeleteDialog deployment={deployment} onClose={close} />)
}
