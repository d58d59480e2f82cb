import { Search } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { classes } from './classes'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  className?: string
}

/** What a list is narrowed by. `/` comes here, the down arrow goes on into the list. */
export function Filter({ label, value, onChange, className }: Props) {
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    const row = event.key === 'ArrowDown' ? document.querySelector<HTMLElement>('[data-row][tabindex="0"]') : null
    if (row) {
      event.preventDefault()
      row.focus()
    }
    if (event.key === 'Escape' && value === '') event.currentTarget.blur()
  }
  return (
    <label className={classes('flex h-7 min-w-0 items-center gap-2 rounded-md border border-line bg-bg px-2 focus-within:border-accent', className)}>
      <Search className="size-3.5 shrink-0 text-muted" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        data-filter
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={press}
        className="min-w-0 grow bg-transparent outline-none placeholder:text-muted"
      />
    </label>
  )
}
