import { lazy } from 'react'
import type { Topic } from '@/api/types'
import { openDialog } from '@/components/dialogs'

const CreateDialog = lazy(() => import('./create-dialog'))
const EditDialog = lazy(() => import('./edit-dialog'))
const RemoveDialog = lazy(() => import('./remove-dialog'))

export function askForTopic(workspaceId: string, onCreated: (name: string) => void): void {
  openDialog((close) => <CreateDialog workspaceId={workspaceId} onCreated={onCreated} onClose={close} />)
}

export function askToEditTopic(topic: Topic): void {
  openDialog((close) => <EditDialog topic={topic} onClose={close} />)
}

/** Asks before a topic, or what is in it, is lost. */
export function askToRemove(topic: Topic, what: 'topic' | 'records'): void {
  openDialog((close) => <RemoveDialog topic={topic} what={what} onClose={close} />)
}
