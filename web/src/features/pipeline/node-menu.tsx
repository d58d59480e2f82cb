import { ExternalLink, Hammer, Play, ScrollText, Square, Trash2 } from 'lucide-react'
import type { Deployment } from '@/api/types'
import type { MenuItem } from '@/components/menu'
import { useDeploymentAction } from '../deployment/actions'
import { askToDelete } from '../deployment/deleting'
import { canStart, canStop } from './status'

/** What can be done with a deployment, as it stands now. */
export function useNodeMenu(deployment: Deployment, onOpen: (id: string, tab?: 'logs' | 'build') => void): () => MenuItem[] {
  const { mutate } = useDeploymentAction(deployment)
  const { deploymentId, status, publicUrl } = deployment
  return () => [
    ...(canStart(status) ? [{ label: 'Start', icon: <Play />, onSelect: () => mutate('start') }] : []),
    ...(canStop(status) ? [{ label: 'Stop', icon: <Square />, onSelect: () => mutate('stop') }] : []),
    { kind: 'line' },
    { label: 'Logs', icon: <ScrollText />, onSelect: () => onOpen(deploymentId, 'logs') },
    { label: 'Build log', icon: <Hammer />, onSelect: () => onOpen(deploymentId, 'build') },
    ...(publicUrl ? [{ kind: 'link' as const, label: 'Open public URL', icon: <ExternalLink />, href: publicUrl }] : []),
    { kind: 'line' },
    { label: 'Delete…', icon: <Trash2 />, danger: true, disabled: status === 'Deleting', onSelect: () => askToDelete(deployment) },
  ]
}
