import { Eraser, MessageSquareText, Pencil, RotateCw, Trash2 } from 'lucide-react'
import { useMay } from '@/api/queries'
import type { Topic } from '@/api/types'
import type { MenuItem } from '@/components/menu'
import { useTopicAction } from './actions'
import { askToEditTopic, askToRemove } from './asking'

/** What can be done with a topic, as it stands now. */
export function useTopicMenu(topic: Topic, onOpen?: (name: string) => void): () => MenuItem[] {
  const { mutate } = useTopicAction(topic)
  const mayChange = useMay(topic.workspaceId, { resourceType: 'Topic', permission: 'Update' })
  const mayDelete = useMay(topic.workspaceId, { resourceType: 'Topic', permission: 'Delete' })
  const gone = topic.status === 'Deleting'
  return () => [
    ...(onOpen ? [{ label: 'Messages', icon: <MessageSquareText />, onSelect: () => onOpen(topic.name) }, { kind: 'line' as const }] : []),
    ...(topic.status === 'Error' ? [{ label: 'Try again', icon: <RotateCw />, disabled: !mayChange, onSelect: () => mutate('retry') }] : []),
    { label: 'Edit…', icon: <Pencil />, disabled: gone || !mayChange, onSelect: () => askToEditTopic(topic) },
    { label: 'Remove records…', icon: <Eraser />, danger: true, disabled: gone || !mayChange, onSelect: () => askToRemove(topic, 'records') },
    { label: 'Delete…', icon: <Trash2 />, danger: true, disabled: gone || !mayDelete, onSelect: () => askToRemove(topic, 'topic') },
    ...(mayChange && mayDelete ? [] : [{ kind: 'heading' as const, label: 'An administrator can grant more.' }]),
  ]
}
