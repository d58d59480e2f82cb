import * as Radix from '@radix-ui/react-dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button'
import { classes } from './classes'

interface Props {
  title: string
  description?: ReactNode
  /** For forms: 640 pixels. */
  wide?: boolean
  onClose: () => void
  children: ReactNode
}

/** A dialog over the page. Loaded with what it shows, not with the first screen. */
export function Dialog({ title, description, wide, onClose, children }: Props) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={classes(
            'arriving fixed left-1/2 z-50 flex max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col rounded-md border border-line-strong bg-raised p-5 shadow-float',
            wide ? 'top-[6%] max-h-[88%] w-[640px]' : 'top-[14%] max-h-[80%] w-[480px]',
          )}
        >
          <Radix.Title className="pr-8 text-lg font-medium break-words">{title}</Radix.Title>
          {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
          {children}
          <IconButton label="Close (Esc)" onClick={onClose} className="absolute top-4 right-4">
            <X className="size-4" />
          </IconButton>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
