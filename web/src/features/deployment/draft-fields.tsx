import type { Application } from '@/api/types'
import { Choice } from '@/components/choice'
import { Section } from '@/components/form'
import { Switch } from '@/components/switch'
import type { Draft } from './draft'
import { RANGES, type Refusals } from './draft-rules'
import { HealthFields, JobFields } from './guard-fields'
import { NumberField } from './number-field'
import { PublicAccess } from './public-access'
import { VariableFields } from './variable-fields'
import { VersionFields } from './version-fields'

interface Props {
  workspaceId: string
  applicationId: string
  application: Application | undefined
  draft: Draft
  topics: string[]
  errors: Refusals
  /** A newer commit stands in the branch than the one that runs. */
  newer?: boolean
  onChange: (draft: Draft) => void
}

const TYPES = [
  { id: 'Service', label: 'Service' },
  { id: 'Job', label: 'Job' },
]

/** Everything about a deployment that a person decides. */
export function DraftFields({ workspaceId, applicationId, application, draft, topics, errors, newer, onChange }: Props) {
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <VersionFields workspaceId={workspaceId} applicationId={applicationId} draft={draft} newer={newer} error={errors.gitReference} onChange={set} />
        <Choice
          label="Type"
          hint={draft.deploymentType === 'Job' ? 'Runs to its end, once or by a schedule.' : 'Kept alive: started again whenever it ends.'}
          options={TYPES}
          chosen={draft.deploymentType}
          onChoose={(deploymentType) => set({ deploymentType })}
        />
        <NumberField label="Replicas" hint="They share the partitions that they read." error={errors.replicas} value={draft.replicas} range={RANGES.replicas} onChange={(replicas) => set({ replicas })} />
        <NumberField label="CPU" hint="Cores at most, for each replica." error={errors.cpuMillicores} scale={1000} value={draft.cpuMillicores} range={RANGES.cpuMillicores} onChange={(cpuMillicores) => set({ cpuMillicores })} />
        <NumberField label="Memory" hint="MB at most, for each replica." error={errors.memoryInMb} value={draft.memoryInMb} range={RANGES.memoryInMb} onChange={(memoryInMb) => set({ memoryInMb })} />
      </div>
      {draft.deploymentType === 'Job' && <JobFields draft={draft} errors={errors} set={set} />}
      <VariableFields variables={draft.variables} declared={application?.variables ?? []} topics={topics} errors={errors} onChange={(variables) => set({ variables })} />
      <PublicAccess workspaceId={workspaceId} draft={draft} error={errors.urlPrefix} set={set} />
      {draft.deploymentType !== 'Job' && <HealthFields draft={draft} errors={errors} set={set} />}
      <Section title="State">
        <Switch label="Keep a state folder" hint="Shared by all replicas; it outlives restarts and new versions. Only one version runs at a time." on={draft.stateEnabled} onChange={(stateEnabled) => set({ stateEnabled })} />
        {draft.stateEnabled && (
          <div className="grid gap-4 sm:grid-cols-2">
            <NumberField label="Size" hint="GB." error={errors.stateSize} value={draft.stateSize} range={RANGES.stateSize} onChange={(stateSize) => set({ stateSize })} />
          </div>
        )}
      </Section>
    </>
  )
}
