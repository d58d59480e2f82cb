import { CircleAlert } from 'lucide-react'
import { type ComponentProps, type FormEvent, type ReactNode, useId } from 'react'
import { explain } from '@/api/error'
import { Button } from './button'
import { classes } from './classes'
import { CopyText } from './copy'

const BOX =
  'h-8 w-full min-w-0 rounded-md border border-line-strong bg-bg px-2.5 placeholder:text-muted disabled:opacity-60 aria-invalid:border-bad focus-visible:outline-offset-0'

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: string
  /** Gets what ties the control to its label, hint and error. */
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode
}

/** A control with its name, and what helps or hinders it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': error !== undefined })}
      {note && (
        <p id={`${id}-note`} className={classes('text-xs break-words', error ? 'text-bad' : 'text-muted')}>
          {note}
        </p>
      )}
    </div>
  )
}

export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" autoComplete="off" spellCheck={false} className={classes(BOX, className)} {...rest} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea spellCheck={false} rows={4} className={classes(BOX, 'h-auto! resize-y py-1.5 font-mono text-xs', className)} {...rest} />
}

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <select className={classes(BOX, 'pr-1', className)} {...rest}>
      {children}
    </select>
  )
}

/** Fields that belong together. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="grid gap-3 border-t border-line pt-4">
      <h3 className="font-medium">{title}</h3>
      {children}
    </section>
  )
}

interface FormProps {
  /** Scrolls; the buttons below it stay. */
  children: ReactNode
  action: string
  busy: boolean
  /** Why it cannot be sent now. */
  blocked?: boolean
  danger?: boolean
  keep?: string
  error?: unknown
  onSubmit: () => void
  onClose: () => void
}

/** The body of a dialog that asks for something, the platform's refusal, and the two ways out. */
export function Form({ children, action, busy, blocked, danger, keep = 'Cancel', error, onSubmit, onClose }: FormProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    if (!busy && !blocked) onSubmit()
    // What is wrong may stand outside of what is seen.
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }
  return (
    <form noValidate onSubmit={submit} className="mt-4 flex min-h-0 flex-col gap-4">
      <div className="-mx-5 grid min-h-0 gap-4 overflow-y-auto px-5 pb-1">{children}</div>
      {error !== undefined && error !== null && <Refusal error={error} />}
      <div className="flex shrink-0 justify-end gap-2">
        <Button onClick={onClose}>{keep}</Button>
        <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={busy || blocked} aria-busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  )
}

function Refusal({ error }: { error: unknown }) {
  const { message, hint, requestId } = explain(error)
  return (
    <div role="alert" className="flex shrink-0 gap-2.5 rounded-md border border-line bg-bg px-3 py-2">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0">
        <p className="break-words">
          {message} {hint && <span className="text-muted">{hint}</span>}
        </p>
        {requestId && <CopyText label="request id" text={requestId} />}
      </div>
    </div>
  )
}
