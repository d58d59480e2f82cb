import { ChevronDown } from 'lucide-react'
import { TextInput } from '@/components/form'
import { Menu, type MenuItem } from '@/components/menu'
import type { Place } from './place'

interface Props {
  place: Place
  onPlace: (place: Place) => void
}

const WORDS: Record<Place['kind'], string> = { live: 'Newest, live', oldest: 'From the oldest', time: 'From a time', offset: 'From an offset' }
const SMALL = 'h-7! shrink-0 border-line!'

function begin(kind: Place['kind']): Place {
  switch (kind) {
    case 'time':
      return { kind, at: new Date(Date.now() - 3_600_000).toISOString() }
    case 'offset':
      return { kind, partition: 0, offset: 0 }
    default:
      return { kind }
  }
}

const local = (iso: string) => new Date(Date.parse(iso) - new Date(iso).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
const whole = (text: string) => Math.max(0, Math.trunc(Number(text)) || 0)

/** From where messages are read. */
export function PlacePicker({ place, onPlace }: Props) {
  const items = (): MenuItem[] =>
    (Object.keys(WORDS) as Place['kind'][]).map((kind) => ({ kind: 'choice' as const, label: WORDS[kind], chosen: kind === place.kind, onSelect: () => kind !== place.kind && onPlace(begin(kind)) }))
  return (
    <>
      <Menu label={`Read: ${WORDS[place.kind]}`} items={items} align="start" className="flex h-7 shrink-0 items-center gap-1.5 border border-line bg-bg px-2">
        {WORDS[place.kind]}
        <ChevronDown className="size-3.5 text-muted" />
      </Menu>
      {place.kind === 'time' && (
        <TextInput
          type="datetime-local"
          step={1}
          aria-label="Time"
          className={`${SMALL} w-auto!`}
          value={local(place.at)}
          onChange={({ target: { value } }) => value && onPlace({ kind: 'time', at: new Date(value).toISOString() })}
        />
      )}
      {place.kind === 'offset' && (
        <>
          <TextInput type="number" min={0} aria-label="Partition" title="Partition" className={`${SMALL} w-16!`} value={place.partition} onChange={(event) => onPlace({ ...place, partition: whole(event.target.value) })} />
          <TextInput type="number" min={0} aria-label="Offset" title="Offset" className={`${SMALL} w-28!`} value={place.offset} onChange={(event) => onPlace({ ...place, offset: whole(event.target.value) })} />
        </>
      )}
    </>
  )
}
