import type { ComponentProps } from 'react'
import { classes } from './classes'

type Look = 'primary' | 'plain' | 'danger'

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent font-medium hover:brightness-110',
  plain: 'border border-line bg-raised text-text hover:bg-hover',
  danger: 'border border-bad text-bad font-medium hover:bg-hover',
}

export function Button({ look = 'plain', className, ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return (
    <button
      type="button"
      className={classes(
        'inline-flex h-8 items-center gap-2 rounded-md px-3 whitespace-nowrap disabled:opacity-50',
        LOOKS[look],
        className,
      )}
      {...rest}
    />
  )
}

/** A square button that shows an icon; its label is read aloud and shown on hover. */
export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(
        'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text aria-pressed:bg-hover aria-pressed:text-text',
        className,
      )}
      {...rest}
    />
  )
}
