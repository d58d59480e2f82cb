import { type LucideIcon, Workflow } from 'lucide-react'

export interface Page {
  to: '/pipeline'
  label: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
}

/** The pages of a workspace, in the order of the rail. */
export const pages: Page[] = [{ to: '/pipeline', label: 'Pipeline', icon: Workflow, key: 'p' }]
