import { ExternalLink, Hammer, Pencil, Play, ScrollText, Square, Trash2 } from 'lucide-react'
import { useMay } from '@/api/queries'
import type { Deployment } from '@/api/types'
import type { MenuItem } from '@/components/menu'
import { canStart, canStop } from '../pipeline/status'
import { useDeploymentAction } from './actions'
import { askToDelete, askToEdit } from './asking'

/** What can be done with a deployment, as it stands now. */
export function useDeploymentMenu(deployment: Deployment, onOpen: (id: string, tab?: 'logs' | 'build') => void): () => MenuItem[] {
  const { mutate } = useDeploymentAction(deployment)
  const { deploymentId, workspaceId, status, publicUrl } = deployment
  const mayChange = useMay(workspaceId, { resourceType: 'Deployment', permission: 'Update' })
  const mayDelete = useMay(workspaceId, { resourceType: 'Deployment', permission: 'Delete' })
  return () => [
    ...(canStart(status) ? [{ label: 'Start', icon: <Play />, disabled: !mayChange, onSelect: () => mutate('start') }] : []),
    ...(canStop(status) ? [{ label: 'Stop', icon: <Square />, disabled: !mayChange, onSelect: () => mutate('stop') }] : []),
    { label: 'Edit…', icon: <Pencil />, disabled: status === 'Deleting' || !mayChange, onSelect: () => askToEdit(deployment) },
    { kind: 'line' },
    { label: 'Logs', icon: <ScrollText />, onSelect: () => onOpen(deploymentId, 'logs') },
    { label: 'Build log', icon: <Hammer />, onSelect: () => onOpen(deploymentId, 'build') },
    ...(publicUrl ? [{ kind: 'link' as const, label: 'Open public URL', icon: <ExternalLink />, href: publicUrl }] : []),
    { kind: 'line' },
    { label: 'Delete…', icon: <Trash2 />, danger: true, disabled: status === 'Deleting' || !mayDelete, onSelect: () => askToDelete(deployment) },
    ...(mayChange && mayDelete ? [] : [{ kind: 'heading' as const, label: 'An administrator can grant more.' }]),
  ]
}
