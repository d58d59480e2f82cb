import { Field, TextInput } from '@/components/form'

interface Props {
  label: string
  hint: string
  error: string | undefined
  value: number
  /** What one of the number means, in units of the draft. */
  scale?: number
  range: readonly [number, number]
  onChange: (value: number) => void
}

/** A number within bounds. */
export function NumberField({ label, hint, error, value, scale = 1, range: [least, most], onChange }: Props) {
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
