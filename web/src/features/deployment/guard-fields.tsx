import { lazy, Suspense } from 'react'
import { Field, Section, Select, TextInput } from '@/components/form'
import type { Draft } from './draft'
import type { Refusals } from './draft-rules'
import { NumberField } from './number-field'

const ScheduleField = lazy(() => import('./schedule-field'))

interface Props {
  draft: Draft
  errors: Refusals
  set: (part: Partial<Draft>) => void
}

const HINTS: Record<Draft['healthType'], string> = {
  '': 'A public service is well when its port accepts, anything else when its process runs.',
  Process: 'Well as soon as it runs and goes on running.',
  Tcp: 'Well when the port that the variable PORT names accepts connections.',
  Http: 'Well when a request to that port is answered with 2xx or 3xx.',
  Consumed: 'Well when it has read from one of its input topics, or has reached the end.',
}

/** When a replica counts as well: until then the version before goes on. */
export function HealthFields({ draft, errors, set }: Props) {
  return (
    <Section title="Health check">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label="A replica is well when" hint={HINTS[draft.healthType]}>
          {(control) => (
            <Select {...control} value={draft.healthType} onChange={(event) => set({ healthType: event.target.value as Draft['healthType'] })}>
              <option value="">what suits it</option>
              <option value="Process">its process runs</option>
              <option value="Tcp">its port accepts</option>
              <option value="Http">an HTTP request is answered</option>
              <option value="Consumed">it has read an input topic</option>
            </Select>
          )}
        </Field>
        {draft.healthType !== '' && (
          <NumberField label="Within" hint="Seconds. An update that takes longer is rolled back." error={errors.healthTimeout} value={draft.healthTimeout} range={[5, 3600]} onChange={(healthTimeout) => set({ healthTimeout })} />
        )}
        {draft.healthType === 'Http' && (
          <Field label="Path" error={errors.healthPath}>
            {(control) => <TextInput {...control} className="font-mono" value={draft.healthPath} onChange={(event) => set({ healthPath: event.target.value })} />}
          </Field>
        )}
      </div>
    </Section>
  )
}

/** When a job starts, and how often it is tried again. */
export function JobFields({ draft, errors, set }: Props) {
  return (
    <Section title="Job">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Suspense fallback={<div className="skeleton h-14" />}>
          <ScheduleField schedule={draft.schedule} error={errors.schedule} onChange={(schedule) => set({ schedule })} />
        </Suspense>
        <NumberField label="Retries" hint="How often it is started again when it fails." error={errors.jobRetries} value={draft.jobRetries} range={[0, 20]} onChange={(jobRetries) => set({ jobRetries })} />
      </div>
    </Section>
  )
}
