import { useQuery } from '@tanstack/react-query'
import { FileDiff, FileMinus, FilePlus } from 'lucide-react'
import type { VersionDifference } from '@/api/types'
import { Changes } from '@/components/changes'
import { Failure } from '@/components/failure'
import { useDelayed } from '@/components/use-delayed'
import { versionChangesQuery } from './queries'
import { differenceOf } from './words'

interface FileLook {
  icon: typeof FileDiff
  colour: string
  word: string
}

const MODIFIED: FileLook = { icon: FileDiff, colour: 'text-warn', word: 'changed' }
const FILE: Record<string, FileLook> = {
  Added: { icon: FilePlus, colour: 'text-ok', word: 'added' },
  Removed: { icon: FileMinus, colour: 'text-bad', word: 'removed' },
}

function Files({ files }: Pick<VersionDifference, 'files'>) {
  return (
    <section aria-label="Files" className="rounded-md border border-line bg-bg px-3 py-2">
      <h3 className="text-xs font-medium text-muted">Files of the application</h3>
      {files.length === 0 && <p className="text-muted">None differs.</p>}
      <ul className="mt-1 grid gap-1">
        {files.map(({ path, change }) => {
          const { icon: Icon, colour, word } = FILE[change] ?? MODIFIED
          return (
            <li key={path} className="flex min-w-0 items-center gap-2">
              <Icon aria-hidden className={`size-3.5 shrink-0 ${colour}`} />
              <span className="truncate font-mono text-xs" title={path}>
                {path}
              </span>
              <span className="text-xs text-muted">{word}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

interface Props {
  deploymentId: string
  /** What it becomes. */
  version: number
  /** What it is compared with. */
  against: number
  title: string
  none: string
}

/** What differs between two versions: what was wanted, and the code. */
export function Difference({ deploymentId, version, against, title, none }: Props) {
  const { data, error, refetch, isPending } = useQuery(versionChangesQuery(deploymentId, version, against))
  const late = useDelayed(isPending)
  if (error) return <Failure title="The difference cannot be shown" error={error} onRetry={() => void refetch()} />
  if (!data) return late ? <div role="status" aria-busy="true" aria-label="Loading the difference" className="skeleton h-24" /> : null
  return (
    <div className="grid gap-3">
      <Changes title={title} none={none} changes={data.changes.map(differenceOf)} />
      <Files files={data.files} />
    </div>
  )
}
