import { type KeyboardEvent, useId } from 'react'

interface Props<T extends string> {
  label: string
  hint?: string
  options: { id: T; label: string }[]
  chosen: T
  onChoose: (id: T) => void
}

/** One of a few, all in sight; arrow keys move between them. */
export function Choice<T extends string>({ label, hint, options, chosen, onChoose }: Props<T>) {
  const id = useId()
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = ['ArrowRight', 'ArrowDown'].includes(event.key) ? 1 : ['ArrowLeft', 'ArrowUp'].includes(event.key) ? -1 : 0
    const at = options.findIndex((option) => option.id === chosen)
    const next = step && options[(at + step + options.length) % options.length]
    if (!next) return
    event.preventDefault()
    onChoose(next.id)
    event.currentTarget.querySelector<HTMLElement>(`[data-option="${next.id}"]`)?.focus()
  }
  return (
    <div className="grid content-start gap-1">
      <span id={id}>{label}</span>
      <div role="radiogroup" aria-labelledby={id} onKeyDown={move} className="flex h-8 rounded-md border border-line-strong bg-bg p-0.5">
        {options.map((option) => (
          <button
            key={option.id}
            type="button"
            role="radio"
            data-option={option.id}
            aria-checked={option.id === chosen}
            tabIndex={option.id === chosen ? 0 : -1}
            onClick={() => onChoose(option.id)}
            className="flex-1 rounded-sm px-2 text-muted hover:text-text aria-checked:bg-hover aria-checked:font-medium aria-checked:text-text"
          >
            {option.label}
          </button>
        ))}
      </div>
      {hint && <p className="text-xs text-muted">{hint}</p>}
    </div>
  )
}
