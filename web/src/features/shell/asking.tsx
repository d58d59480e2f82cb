import { lazy } from 'react'
import { openDialog } from '@/components/dialogs'

const Help = lazy(() => import('./help'))

/** Shows every key that does something. */
export function showHelp(): void {
  openDialog((close) => <Help onClose={close} />)
}
