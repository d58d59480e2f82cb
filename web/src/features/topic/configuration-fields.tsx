import type { CleanupPolicy } from '@/api/types'
import { Field, Select, TextInput } from '@/components/form'
import { Quantity } from '@/components/quantity'
import { CLEANUP, PARTITIONS_MAX, SIZE_UNITS, TIME_UNITS, type Wanted } from './configuration'

interface Props {
  wanted: Wanted
  errors: Partial<Record<keyof Wanted, string>>
  /** Fewer are not possible. */
  leastPartitions?: number
  onChange: (wanted: Wanted) => void
}

/** Partitions, retention and clean-up of a topic. */
export function ConfigurationFields({ wanted, errors, leastPartitions = 1, onChange }: Props) {
  const set = (part: Partial<Wanted>) => onChange({ ...wanted, ...part })
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <Field label="Partitions" hint={leastPartitions > 1 ? `Only more than ${leastPartitions}.` : 'One for each replica that reads. Can only grow.'} error={errors.partitions}>
        {(control) => (
          <TextInput
            {...control}
            type="number"
            min={leastPartitions}
            max={PARTITIONS_MAX}
            value={Number.isNaN(wanted.partitions) ? '' : wanted.partitions}
            onChange={(event) => set({ partitions: event.target.value === '' ? Number.NaN : Number(event.target.value) })}
          />
        )}
      </Field>
      <Field label="Clean-up" hint={CLEANUP[wanted.cleanupPolicy].rule}>
        {(control) => (
          <Select {...control} value={wanted.cleanupPolicy} onChange={(event) => set({ cleanupPolicy: event.target.value as CleanupPolicy })}>
            <option value="Delete">Delete</option>
            <option value="Compact">Compact</option>
            <option value="DeleteAndCompact">Compact and delete</option>
          </Select>
        )}
      </Field>
      <Field label="Kept for" hint="Older records leave." error={errors.retentionInMinutes}>
        {(control) => (
          <Quantity {...control} label="Kept for" units={TIME_UNITS} value={wanted.retentionInMinutes} onChange={(retentionInMinutes) => set({ retentionInMinutes })} />
        )}
      </Field>
      <Field label="Kept up to" hint="A partition; the oldest records leave first." error={errors.retentionInBytes}>
        {(control) => (
          <Quantity {...control} label="Kept up to" units={SIZE_UNITS} value={wanted.retentionInBytes} onChange={(retentionInBytes) => set({ retentionInBytes })} />
        )}
      </Field>
    </div>
  )
}
