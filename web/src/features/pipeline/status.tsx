import type { DeploymentStatus } from '@/api/types'
import { classes } from '@/components/classes'

interface Look {
  word: string
  /** Colour of the dot. */
  dot: string
  /** Colour of the word, when it should be noticed. */
  text: string
  busy?: boolean
}

const rest: Omit<Look, 'word'> = { dot: 'border border-line-strong', text: 'text-muted' }
const busy: Omit<Look, 'word'> = { dot: 'bg-warn', text: 'text-warn', busy: true }
const failed: Omit<Look, 'word'> = { dot: 'bg-bad', text: 'text-bad' }

const LOOKS: Record<DeploymentStatus, Look> = {
  QueuedForBuild: { word: 'Queued for build', ...busy },
  Building: { word: 'Building', ...busy },
  BuildFailed: { word: 'Build failed', ...failed },
  BuildSuccessful: { word: 'Build successful', ...busy },
  QueuedForDeployment: { word: 'Queued for deployment', ...busy },
  Deploying: { word: 'Deploying', ...busy },
  DeploymentFailed: { word: 'Deployment failed', ...failed },
  Starting: { word: 'Starting', ...busy },
  Running: { word: 'Running', dot: 'bg-ok', text: 'text-text' },
  RuntimeError: { word: 'Runtime error', ...failed },
  Stopping: { word: 'Stopping', ...busy },
  Stopped: { word: 'Stopped', ...rest },
  Completed: { word: 'Completed', dot: 'bg-muted', text: 'text-muted' },
  Deleting: { word: 'Deleting', ...busy },
}

export function lookOf(status: DeploymentStatus): Look {
  return LOOKS[status] ?? { word: status, ...rest }
}

/** Whether asking it to stop makes sense; what rests or failed to start can be started instead. */
export function canStop(status: DeploymentStatus): boolean {
  return !['Stopped', 'Completed', 'Stopping', 'Deleting', 'BuildFailed', 'DeploymentFailed'].includes(status)
}

export function canStart(status: DeploymentStatus): boolean {
  return ['Stopped', 'Completed', 'BuildFailed', 'DeploymentFailed', 'RuntimeError'].includes(status)
}

export type StatusGroup = 'running' | 'failed' | 'busy' | 'rest'

/** The words for groups of deployments, in the order of their urgency. */
export const GROUPS: Record<StatusGroup, string> = { running: 'running', failed: 'failed', busy: 'on the way', rest: 'at rest' }

export function groupOf(status: DeploymentStatus): StatusGroup {
  if (status === 'Running') return 'running'
  const look = lookOf(status)
  if (look.text === failed.text) return 'failed'
  return look.busy && canStop(status) ? 'busy' : 'rest'
}

/** Dot and word of a status. */
export function Status({ status, className }: { status: DeploymentStatus; className?: string }) {
  const look = lookOf(status)
  return (
    <span className={classes('inline-flex items-center gap-1.5 whitespace-nowrap', look.text, className)}>
      <span aria-hidden className={classes('size-2 shrink-0 rounded-full', look.dot)} />
      {look.word}
    </span>
  )
}
