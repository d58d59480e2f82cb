import { type KeyboardEvent, type ReactNode, useId } from 'react'
import { classes } from './classes'

interface Option<T extends string> {
  id: T
  label: ReactNode
}

interface OptionsProps<T extends string> {
  options: Option<T>[]
  chosen: T | undefined
  onChoose: (id: T) => void
  className?: string
  'aria-label'?: string
  'aria-labelledby'?: string
}

/** One of a few, all in sight; arrow keys move between them. */
export function Options<T extends string>({ options, chosen, onChoose, className, ...name }: OptionsProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = ['ArrowRight', 'ArrowDown'].includes(event.key) ? 1 : ['ArrowLeft', 'ArrowUp'].includes(event.key) ? -1 : 0
    const at = options.findIndex((option) => option.id === chosen)
    const next = step && options[(at + step + options.length) % options.length]
    if (!next) return
    event.preventDefault()
    onChoose(next.id)
    event.currentTarget.querySelector<HTMLElement>(`[data-option="${next.id}"]`)?.focus()
  }
  const stop = options.some(({ id }) => id === chosen) ? chosen : options[0]?.id
  return (
    <div role="radiogroup" {...name} onKeyDown={move} className={classes('flex rounded-md border border-line-strong bg-bg p-0.5', className ?? 'h-8')}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          role="radio"
          data-option={option.id}
          aria-checked={option.id === chosen}
          tabIndex={option.id === stop ? 0 : -1}
          onClick={() => onChoose(option.id)}
          className="flex-1 rounded-sm px-2 whitespace-nowrap text-muted hover:text-text aria-checked:bg-hover aria-checked:font-medium aria-checked:text-text"
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}

interface Props<T extends string> extends Omit<OptionsProps<T>, 'className'> {
  label: string
  hint?: string
}

/** The same in a form: with a name above and a hint below. */
export function Choice<T extends string>({ label, hint, ...options }: Props<T>) {
  const id = useId()
  return (
    <div className="grid content-start gap-1">
      <span id={id}>{label}</span>
      <Options {...options} aria-labelledby={id} />
      {hint && <p className="text-xs text-muted">{hint}</p>}
    </div>
  )
}
