import { useQuery } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { type KeyboardEvent, lazy } from 'react'
import { useMay } from '@/api/queries'
import type { Deployment, Version } from '@/api/types'
import { Ago } from '@/components/ago'
import { Button } from '@/components/button'
import { classes } from '@/components/classes'
import { openDialog } from '@/components/dialogs'
import { Failure } from '@/components/failure'
import { Select } from '@/components/form'
import { useDelayed } from '@/components/use-delayed'
import { Difference } from './difference'
import { versionsQuery } from './queries'
import { commitText, outcomeOf, whoMade } from './words'

const RollbackDialog = lazy(() => import('./rollback-dialog'))

export interface HistorySearch {
  version?: string
  against?: string
}

interface Props {
  deployment: Deployment
  search: HistorySearch
  onSearch: (search: HistorySearch) => void
}

function Marks({ version }: { version: Version }) {
  const marks = [version.serving && 'serving', version.current && !version.serving && 'wanted'].filter(Boolean)
  return marks.map((mark) => (
    <span key={String(mark)} className="rounded-sm border border-line-strong px-1 text-xs text-muted">
      {mark}
    </span>
  ))
}

function Row({ version, chosen, onChoose }: { version: Version; chosen: boolean; onChoose: () => void }) {
  const { word, dot, text } = outcomeOf(version)
  const changed = version.changes.length
  return (
    <div
      role="option"
      aria-selected={chosen}
      data-version={version.version}
      onClick={onChoose}
      className="grid cursor-pointer gap-0.5 border-b border-line px-3 py-2 hover:bg-hover aria-selected:bg-hover aria-selected:shadow-[inset_2px_0_var(--accent)]"
    >
      <div className="flex min-w-0 items-center gap-2">
        <span className="font-medium">v{version.version}</span>
        <Marks version={version} />
        <span className={classes('ml-auto inline-flex items-center gap-1.5 whitespace-nowrap', text)}>
          <span aria-hidden className={classes('size-2 rounded-full', dot)} />
          {word}
        </span>
      </div>
      <p className="truncate" title={version.commitMessage ?? undefined}>
        {commitText(version)}
      </p>
      <p className="truncate text-xs text-muted">
        <Ago time={version.createdAt} /> by {whoMade(version)}
        {version.rolledBackTo != null && ` · repeats v${version.rolledBackTo}`}
        {changed > 0 && ` · ${changed} ${changed === 1 ? 'change' : 'changes'}`}
      </p>
    </div>
  )
}

function VersionList({ versions, chosen, onChoose }: { versions: Version[]; chosen: Version; onChoose: (version: Version) => void }) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = ['ArrowDown', 'j'].includes(event.key) ? 1 : ['ArrowUp', 'k'].includes(event.key) ? -1 : 0
    const next = step && versions[versions.indexOf(chosen) + step]
    if (!next) return
    event.preventDefault()
    onChoose(next)
    event.currentTarget.querySelector(`[data-version="${next.version}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <div role="listbox" aria-label="Versions, newest first" tabIndex={0} onKeyDown={move} className="min-h-0 overflow-y-auto -outline-offset-2">
      {versions.map((version) => (
        <Row key={version.version} version={version} chosen={version === chosen} onChoose={() => onChoose(version)} />
      ))}
    </div>
  )
}

interface DetailProps {
  deployment: Deployment
  versions: Version[]
  version: Version
  against: Version | undefined
  onAgainst: (version: string) => void
}

function Detail({ deployment, versions, version, against, onAgainst }: DetailProps) {
  const mayChange = useMay(deployment.workspaceId, { resourceType: 'Deployment', permission: 'Update' })
  const before = versions[versions.indexOf(version) + 1]
  return (
    <div className="grid content-start gap-3 overflow-y-auto p-3">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="text-base font-semibold">Version {version.version}</h3>
        <label className="flex items-center gap-2 text-muted">
          compared with
          <Select className="h-7! w-auto!" value={against?.version ?? ''} onChange={(event) => onAgainst(event.target.value)}>
            {!against && <option value="">nothing before it</option>}
            {versions
              .filter((each) => each !== version)
              .map((each) => (
                <option key={each.version} value={each.version}>
                  {`version ${each.version}${each === before ? ', the one before' : each.current ? ', the present one' : ''}`}
                </option>
              ))}
          </Select>
        </label>
        {!version.current && mayChange && (
          <Button className="ml-auto" onClick={() => openDialog((close) => <RollbackDialog deployment={deployment} target={version} next={Math.max(...versions.map((each) => each.version)) + 1} onClose={close} />)}>
            <RotateCcw className="size-3.5" /> {version.version < deployment.version ? 'Roll back to this' : 'Run this again'}
          </Button>
        )}
      </div>
      {version.outcomeReason && <p className="rounded-md border border-line bg-bg px-2.5 py-1.5 break-words">{version.outcomeReason}</p>}
      {version.commitMessage && <p className="break-words whitespace-pre-wrap text-muted">{version.commitMessage.trim()}</p>}
      {against ? (
        <Difference
          deploymentId={deployment.deploymentId}
          version={version.version}
          against={against.version}
          title={`From version ${against.version} to version ${version.version}`}
          none="Nothing that was wanted differs."
        />
      ) : (
        <p className="text-muted">It is the first version: there is nothing to compare it with.</p>
      )}
    </div>
  )
}

/** The versions of a deployment: what each changed, what came of it, and the way back. */
export default function HistoryView({ deployment, search, onSearch }: Props) {
  const { data, error, refetch, isPending } = useQuery(versionsQuery(deployment.workspaceId, deployment.deploymentId))
  const late = useDelayed(isPending)
  if (error && !data) return <Failure title="The history cannot be shown" error={error} onRetry={() => void refetch()} />
  if (!data) {
    return late ? (
      <div role="status" aria-busy="true" aria-label="Loading the history" className="grid gap-3 p-3">
        {[0, 1, 2].map((i) => (
          <div key={i} className="skeleton h-14" />
        ))}
      </div>
    ) : null
  }
  const find = (version: string | undefined) => data.find((each) => String(each.version) === version)
  const version = find(search.version) ?? data[0]
  if (!version) return <p className="p-4 text-muted">There is no version yet. Each change of what is wanted makes one.</p>
  const asked = find(search.against)
  const against = asked && asked !== version ? asked : data[data.indexOf(version) + 1]
  return (
    <div className="grid h-full min-h-0 grid-rows-2 @3xl:grid-cols-[minmax(260px,2fr)_minmax(0,3fr)] @3xl:grid-rows-1">
      <VersionList versions={data} chosen={version} onChoose={(next) => onSearch({ version: String(next.version), against: undefined })} />
      <div className="grid min-h-0 min-w-0 border-t border-line @3xl:border-t-0 @3xl:border-l">
        <Detail deployment={deployment} versions={data} version={version} against={against} onAgainst={(next) => onSearch({ ...search, version: String(version.version), against: next })} />
      </div>
    </div>
  )
}
