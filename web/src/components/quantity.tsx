import { useState } from 'react'
import { Select, TextInput } from './form'

export interface Unit {
  label: string
  size: number
}

interface Props {
  id: string
  label: string
  units: Unit[]
  /** In units of size 1; −1 is no limit. Not a number: what is typed is none. */
  value: number
  onChange: (value: number) => void
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

/** The largest unit in which a value reads as a whole number. */
export function unitOf(value: number, units: Unit[]): Unit {
  const fitting = units.filter(({ size }) => value > 0 && value % size === 0)
  return fitting.at(-1) ?? (units[0] as Unit)
}

const UNLIMITED = 'none'

/** A number with a unit, or no limit at all. */
export function Quantity({ label, units, value, onChange, ...control }: Props) {
  const [unit, setUnit] = useState(() => unitOf(value, units))
  const [text, setText] = useState(value < 0 ? '' : String(value / unit.size))
  const unlimited = value === -1
  const read = (typed: string, of: Unit) => (/^\d{1,12}$/.test(typed.trim()) ? Number(typed) * of.size : Number.NaN)
  const choose = (name: string) => {
    if (name === UNLIMITED) return onChange(-1)
    const next = units.find((each) => each.label === name) ?? unit
    setUnit(next)
    const typed = text || '1'
    setText(typed)
    onChange(read(typed, next))
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
      <TextInput
        {...control}
        inputMode="numeric"
        disabled={unlimited}
        value={unlimited ? '' : text}
        placeholder={unlimited ? 'No limit' : undefined}
        onChange={(event) => {
          setText(event.target.value)
          onChange(read(event.target.value, unit))
        }}
      />
      <Select aria-label={`Unit of ${label}`} value={unlimited ? UNLIMITED : unit.label} onChange={(event) => choose(event.target.value)}>
        {units.map((each) => (
          <option key={each.label}>{each.label}</option>
        ))}
        <option value={UNLIMITED}>no limit</option>
      </Select>
    </div>
  )
}
