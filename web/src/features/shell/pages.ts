import { Boxes, type LucideIcon, Rows3, Workflow } from 'lucide-react'

export interface Page {
  to: '/pipeline' | '/deployments' | '/topics'
  label: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
}

const pipeline: Page = { to: '/pipeline', label: 'Pipeline', icon: Workflow, key: 'p' }

/** The pages of a workspace, in the order of the rail. */
export const pages: Page[] = [
  pipeline,
  { to: '/deployments', label: 'Deployments', icon: Boxes, key: 'd' },
  { to: '/topics', label: 'Topics', icon: Rows3, key: 't' },
]

/** The page that an address within the Portal belongs to. */
export function pageOf(pathname: string): Page {
  return pages.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`)) ?? pipeline
}
