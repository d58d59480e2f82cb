import type { Application } from '@/api/types'
import { Choice } from '@/components/choice'
import { Field, Section, TextInput } from '@/components/form'
import { Switch } from '@/components/switch'
import type { Draft } from './draft'
import { RANGES, type Refusals } from './draft-rules'
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

interface NumberProps {
  label: string
  hint: string
  error: string | undefined
  value: number
  /** What one of the number means, in units of the draft. */
  scale?: number
  range: readonly [number, number]
  onChange: (value: number) => void
}

function NumberField({ label, hint, error, value, scale = 1, range: [least, most], onChange }: NumberProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <TextInput
          {...control}
          type="number"
          step={scale === 1 ? 1 : 0.05}
          min={least / scale}
          max={most / scale}
          value={Number.isNaN(value) ? '' : value / scale}
          onChange={(event) => onChange(event.target.value === '' ? Number.NaN : Math.round(Number(event.target.value) * scale))}
        />
      )}
    </Field>
  )
}

const TYPES = [
  { id: 'Service', label: 'Service' },
  { id: 'Job', label: 'Job' },
]

function PublicAccess({ workspaceId, draft, error, set }: { workspaceId: string; draft: Draft; error: string | undefined; set: (part: Partial<Draft>) => void }) {
  const job = draft.deploymentType === 'Job'
  return (
    <Section title="Public access">
      <Switch
        label="Reachable by a public URL"
        hint={job && !draft.publicAccess ? 'A job has no public address.' : 'Requests go to the port that the variable PORT names, of any replica.'}
        on={draft.publicAccess}
        disabled={job && !draft.publicAccess}
        onChange={(publicAccess) => set({ publicAccess })}
      />
      {draft.publicAccess && (
        <Field label="URL prefix" hint={<span className="break-all">{`${window.location.origin}/${draft.urlPrefix || '…'}-${workspaceId}/`}</span>} error={error}>
          {(control) => <TextInput {...control} value={draft.urlPrefix} onChange={(event) => set({ urlPrefix: event.target.value })} />}
        </Field>
      )}
    </Section>
  )
}

/** Everything about a deployment that a person decides. */
export function DraftFields({ workspaceId, applicationId, application, draft, topics, errors, newer, onChange }: Props) {
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <VersionFields workspaceId={workspaceId} applicationId={applicationId} draft={draft} newer={newer} error={errors.gitReference} onChange={set} />
        <Choice
          label="Type"
          hint={draft.deploymentType === 'Job' ? 'Runs to its end once.' : 'Kept alive: started again whenever it ends.'}
          options={TYPES}
          chosen={draft.deploymentType}
          onChoose={(deploymentType) => set({ deploymentType })}
        />
        <NumberField label="Replicas" hint="They share the partitions that they read." error={errors.replicas} value={draft.replicas} range={RANGES.replicas} onChange={(replicas) => set({ replicas })} />
        <NumberField label="CPU" hint="Cores at most, for each replica." error={errors.cpuMillicores} scale={1000} value={draft.cpuMillicores} range={RANGES.cpuMillicores} onChange={(cpuMillicores) => set({ cpuMillicores })} />
        <NumberField label="Memory" hint="MB at most, for each replica." error={errors.memoryInMb} value={draft.memoryInMb} range={RANGES.memoryInMb} onChange={(memoryInMb) => set({ memoryInMb })} />
      </div>
      <VariableFields variables={draft.variables} declared={application?.variables ?? []} topics={topics} errors={errors} onChange={(variables) => set({ variables })} />
      <PublicAccess workspaceId={workspaceId} draft={draft} error={errors.urlPrefix} set={set} />
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
