import { CaseSensitive, Regex, Search } from 'lucide-react'
import { useState } from 'react'
import { isLevel } from '@/api/log-query'
import { Button, IconButton } from '@/components/button'
import { Select, TextInput } from '@/components/form'
import { LevelSelect } from '../deployment/level-select'
import { CONTEXTS, contextOf, localInput, type LogsSearch, PAST } from './search'

interface Props {
  search: LogsSearch
  busy: boolean
  onSearch: (search: LogsSearch) => void
}

const CUSTOM = 'custom'
const SMALL = 'h-7! w-auto! shrink-0 border-line!'
const iso = (local: string) => (local ? new Date(local).toISOString() : undefined)

/** What lines are looked for: text or an expression, how loud, when, and with how many lines around. */
export function SearchForm({ search, busy, onSearch }: Props) {
  const [find, setFind] = useState(search.find ?? '')
  const [custom, setCustom] = useState(!search.since && Boolean(search.from || search.to))
  const set = (part: LogsSearch) => onSearch({ ...search, find: find || undefined, ...part })
  const choose = (value: string) => {
    setCustom(value === CUSTOM)
    set({ since: value && value !== CUSTOM ? value : undefined, from: undefined, to: undefined })
  }
  return (
    <form
      role="search"
      aria-label="Search the logs"
      onSubmit={(event) => {
        event.preventDefault()
        set({})
      }}
      className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5"
    >
      <div className="flex h-7 min-w-60 flex-1 items-center rounded-md border border-line bg-bg pl-2 focus-within:border-accent">
        <Search aria-hidden className="size-3.5 shrink-0 text-muted" />
        <input
          type="search"
          autoFocus
          data-filter
          spellCheck={false}
          aria-label={search.regex ? 'Expression' : 'Text'}
          placeholder={search.regex ? 'Regular expression' : 'Text in the line'}
          value={find}
          onChange={(event) => setFind(event.target.value)}
          className="min-w-0 grow bg-transparent px-2 font-mono text-xs outline-none placeholder:font-sans placeholder:text-muted"
        />
        <IconButton label="Match case" className="size-6!" aria-pressed={search.caseSensitive === true} onClick={() => set({ caseSensitive: search.caseSensitive ? undefined : true })}>
          <CaseSensitive className="size-4" />
        </IconButton>
        <IconButton label="Regular expression" className="size-6!" aria-pressed={search.regex === true} onClick={() => set({ regex: search.regex ? undefined : true })}>
          <Regex className="size-3.5" />
        </IconButton>
      </div>
      <LevelSelect level={isLevel(search.level) ? search.level : undefined} onChange={(level) => set({ level })} />
      <Select aria-label="Time" className={SMALL} value={custom ? CUSTOM : (search.since ?? '')} onChange={(event) => choose(event.target.value)}>
        <option value="">Any time</option>
        {PAST.map(({ id, label }) => (
          <option key={id} value={id}>
            In {label}
          </option>
        ))}
        <option value={CUSTOM}>Between…</option>
      </Select>
      {custom && (
        <>
          <TextInput type="datetime-local" aria-label="From" className={SMALL} value={localInput(search.from)} onChange={(event) => set({ from: iso(event.target.value) })} />
          <TextInput type="datetime-local" aria-label="To" className={SMALL} value={localInput(search.to)} onChange={(event) => set({ to: iso(event.target.value) })} />
        </>
      )}
      <Select aria-label="Lines around" className={SMALL} value={contextOf(search)} onChange={(event) => set({ context: event.target.value === '0' ? undefined : event.target.value })}>
        {CONTEXTS.map((lines) => (
          <option key={lines} value={lines}>
            {lines === 0 ? 'The line alone' : `${lines} lines around`}
          </option>
        ))}
      </Select>
      <Button type="submit" look="primary" className="h-7" aria-busy={busy}>
        Search
      </Button>
    </form>
  )
}
