import { useQuery } from '@tanstack/react-query'
import { Columns2, Radio, Search } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { details } from '@/api/details'
import { downloadUrl } from '@/api/log-query'
import { keys } from '@/api/queries'
import type { Deployment, Run } from '@/api/types'
import { Options } from '@/components/choice'
import { IconButton } from '@/components/button'
import { DownloadLink } from '../deployment/download-link'
import { followed } from '../deployment/log-scope'
import { LogView } from '../deployment/log-view'
import { replicasOf, ScopePicker } from './scope-picker'
import { type LogsSearch, queryOf, scopeOf } from './search'

const LogSearch = lazy(() => import('./log-search'))

interface Props {
  deployment: Deployment
  search: LogsSearch
  onSearch: (search: LogsSearch) => void
}

const NO_RUNS: Run[] = []
/** More columns than this cannot be read. */
const COLUMNS = 4
const EMPTY = 'Nothing was written yet. Lines appear here as the application writes them.'

const MODES = [
  { id: 'live' as const, label: <span className="flex items-center gap-1.5"><Radio className="size-3.5" /> Live</span> },
  { id: 'search' as const, label: <span className="flex items-center gap-1.5"><Search className="size-3.5" /> Search</span> },
]

function Live({ deployment, replicas, search }: { deployment: Deployment; replicas: number[]; search: LogsSearch }) {
  const { deploymentId, revision } = deployment
  const scope = followed(deployment, scopeOf(search))
  const view = (key: string, part: typeof scope, lead?: string) => (
    <LogView key={`run ${deploymentId} ${key}`} deploymentId={deploymentId} revision={revision} source="run" scope={part} empty={EMPTY} lead={lead && <span className="shrink-0 font-medium">{lead}</span>} />
  )
  if (!search.split || replicas.length < 2) return view(JSON.stringify(scope), scope)
  const columns = replicas.slice(0, COLUMNS)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="grid min-h-0 grow auto-cols-fr grid-flow-col divide-x divide-line overflow-x-auto">
        {columns.map((replica) => (
          <div key={replica} className="min-w-72">
            {view(`${scope.version} ${replica}`, { ...scope, replica }, `r${replica}`)}
          </div>
        ))}
      </div>
      {replicas.length > COLUMNS && <p className="shrink-0 border-t border-line px-3 py-1 text-xs text-muted">{`The first ${COLUMNS} of ${replicas.length} replicas stand side by side; choose one to see another.`}</p>}
    </div>
  )
}

/** The output of a deployment: as it is written, or searched. */
export default function LogsTab({ deployment, search, onSearch }: Props) {
  const { deploymentId, workspaceId } = deployment
  const runs = useQuery({ queryKey: [...keys.deployment(workspaceId, deploymentId), 'runs'], queryFn: ({ signal }) => details.runs(deploymentId, signal), staleTime: 10_000 }).data ?? NO_RUNS
  const searching = search.mode === 'search'
  const version = scopeOf(search).version ?? deployment.runningVersion ?? deployment.version
  const replicas = replicasOf(runs, version)
  const { from, to } = searching ? queryOf(search, Date.now()) : {}
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 overflow-x-auto border-b border-line px-3">
        <Options aria-label="What is shown" className="h-7 shrink-0" options={MODES} chosen={searching ? 'search' : 'live'} onChoose={(mode) => onSearch({ ...search, mode: mode === 'search' ? mode : undefined })} />
        <ScopePicker deployment={deployment} runs={runs} search={search} onSearch={(part) => onSearch({ ...search, ...part })} />
        <span className="ml-auto flex shrink-0 items-center">
          {!searching && replicas.length > 1 && (
            <IconButton label="Replicas side by side" aria-pressed={search.split === true} onClick={() => onSearch({ ...search, split: search.split ? undefined : true, replica: undefined, attempt: undefined })}>
              <Columns2 className="size-4" />
            </IconButton>
          )}
          <DownloadLink label="Download these logs" href={downloadUrl(deploymentId, { ...scopeOf(search), ...(from && { from }), ...(to && { to }), source: 'run' })} />
        </span>
      </div>
      <div className="min-h-0 grow">
        {searching ? (
          <Suspense>
            <LogSearch deploymentId={deploymentId} search={search} onSearch={onSearch} />
          </Suspense>
        ) : (
          <Live deployment={deployment} replicas={replicas} search={search} />
        )}
      </div>
    </div>
  )
}
