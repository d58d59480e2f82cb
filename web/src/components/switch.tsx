import { useId } from 'react'

interface Props {
  label: string
  hint?: string
  on: boolean
  disabled?: boolean
  onChange: (on: boolean) => void
}

/** Something that is on or off. */
export function Switch({ label, hint, on, disabled, onChange }: Props) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <button
        type="button"
        role="switch"
        aria-checked={on}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-note` : undefined}
        disabled={disabled}
        onClick={() => onChange(!on)}
        className="group mt-0.5 h-4 w-7 shrink-0 rounded-full border border-line-strong bg-bg p-px disabled:opacity-50 aria-checked:border-accent aria-checked:bg-accent"
      >
        <span className="block size-3 rounded-full bg-muted transition-transform duration-100 group-aria-checked:translate-x-3 group-aria-checked:bg-on-accent" />
      </button>
      <div className="min-w-0">
        <span id={id}>{label}</span>
        {hint && (
          <p id={`${id}-note`} className="text-xs break-words text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}
