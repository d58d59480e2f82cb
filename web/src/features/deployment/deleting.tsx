import { lazy, Suspense, useSyncExternalStore } from 'react'
import type { Deployment } from '@/api/types'

const DeleteDialog = lazy(() => import('./delete-dialog'))

let asked: Deployment | undefined
const listeners = new Set<() => void>()

/** Opens the dialog that confirms the deletion, from wherever it is asked for. */
export function askToDelete(deployment: Deployment | undefined): void {
  asked = deployment
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The place of that dialog. */
export function Deleting() {
  const deployment = useSyncExternalStore(subscribe, () => asked)
  if (!deployment) return null
  return (
    <Suspense>
      <DeleteDialog key={deployment.deploymentId} deployment={deployment} onClose={() => askToDelete(undefined)} />
    </Suspense>
  )
}
