import type { Deployment, Run } from '@/api/types'
import { Select } from '@/components/form'
import { ago } from '@/components/format'
import type { LogsSearch } from './search'

interface Props {
  deployment: Deployment
  runs: Run[]
  search: LogsSearch
  onSearch: (search: LogsSearch) => void
}

const unique = (numbers: number[]) => [...new Set(numbers)].sort((a, b) => a - b)
const PICKER = 'h-7! w-auto! shrink-0 border-line!'

/** `run 3 · exit code 1 · 5 min ago`. */
function runText({ attempt, exitCode, reason, startTime, currentRun }: Run): string {
  const how = currentRun ? 'goes on' : exitCode != null ? `exit code ${exitCode}` : reason
  return [`run ${attempt}`, how, startTime && ago(startTime)].filter(Boolean).join(' · ')
}

/** The replicas of a version, of which lines are kept. */
export function replicasOf(runs: Run[], version: number): number[] {
  return unique(runs.filter((run) => run.version === version).map(({ replica }) => replica))
}

/** Which version, replica and run the lines are of. */
export function ScopePicker({ deployment, runs, search, onSearch }: Props) {
  const serving = deployment.runningVersion ?? deployment.version
  const versions = unique([...runs.map(({ version }) => version), serving]).reverse()
  const version = search.version === undefined ? serving : Number(search.version)
  const replicas = replicasOf(runs, version)
  const attempts = runs.filter((run) => run.version === version && String(run.replica) === search.replica).sort((a, b) => b.attempt - a.attempt)
  const pick = (part: LogsSearch) => onSearch({ version: search.version, replica: search.replica, attempt: undefined, ...part })
  return (
    <>
      <Select aria-label="Version" className={PICKER} value={search.version ?? ''} onChange={({ target: { value } }) => pick({ version: value || undefined, replica: undefined })}>
        <option value="">What runs (v{serving})</option>
        {versions.map((each) => (
          <option key={each} value={each}>
            Version {each}
          </option>
        ))}
      </Select>
      <Select aria-label="Replica" className={PICKER} disabled={search.split} value={search.replica ?? ''} onChange={({ target: { value } }) => pick({ replica: value || undefined })}>
        <option value="">All replicas</option>
        {replicas.map((each) => (
          <option key={each} value={each}>
            Replica {each}
          </option>
        ))}
      </Select>
      {search.replica !== undefined && attempts.length > 0 && (
        <Select aria-label="Run" className={PICKER} value={search.attempt ?? ''} onChange={({ target: { value } }) => pick({ attempt: value || undefined })}>
          <option value="">Newest run</option>
          {attempts.map((each) => (
            <option key={each.id} value={each.attempt}>
              {runText(each)}
            </option>
          ))}
        </Select>
      )}
    </>
  )
}
