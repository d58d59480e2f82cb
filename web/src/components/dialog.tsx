import * as Radix from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'

interface Props {
  title: string
  description?: ReactNode
  onClose: () => void
  children: ReactNode
}

/** A dialog over the page. Loaded with what it shows, not with the first screen. */
export function Dialog({ title, description, onClose, children }: Props) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className="arriving fixed top-[18%] left-1/2 z-50 w-[480px] max-w-[calc(100vw-32px)] -translate-x-1/2 rounded-md border border-line-strong bg-raised p-5 shadow-float"
        >
          <Radix.Title className="text-lg font-medium">{title}</Radix.Title>
          {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
