import * as Radix from '@radix-ui/react-dropdown-menu'
import { Check, ExternalLink } from 'lucide-react'
import { type RefObject, useState } from 'react'
import { createPortal } from 'react-dom'
import { classes } from './classes'
import type { MenuItem } from './menu'

const ROW =
  'flex h-8 items-center gap-2.5 rounded-sm px-2 outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-muted'

function Row({ item }: { item: MenuItem }) {
  switch (item.kind) {
    case 'line':
      return <Radix.Separator className="my-1 h-px bg-line" />
    case 'heading':
      return <Radix.Label className="px-2 pt-1.5 pb-1 text-xs text-muted">{item.label}</Radix.Label>
    case 'link':
      return (
        <Radix.Item asChild className={ROW}>
          <a href={item.href} target="_blank" rel="noreferrer">
            {item.icon ?? <ExternalLink />}
            {item.label}
          </a>
        </Radix.Item>
      )
    case 'choice':
      return (
        <Radix.CheckboxItem className={ROW} checked={item.chosen} onSelect={item.onSelect}>
          <Check className={classes(!item.chosen && 'invisible')} />
          {item.label}
        </Radix.CheckboxItem>
      )
    default:
      return (
        <Radix.Item className={classes(ROW, item.danger && 'text-bad [&>svg]:text-bad')} disabled={item.disabled} onSelect={item.onSelect}>
          {item.icon}
          <span className="grow">{item.label}</span>
          {item.hint && <kbd className="text-xs text-muted">{item.hint}</kbd>}
        </Radix.Item>
      )
  }
}

interface Props {
  anchor: RefObject<HTMLButtonElement | null>
  items: MenuItem[]
  align: 'start' | 'end'
  onClose: () => void
}

/** The open menu, placed at the button that opened it. */
export default function MenuBody({ anchor, items, align, onClose }: Props) {
  const [{ left, top, width, height }] = useState(() => anchor.current?.getBoundingClientRect() ?? new DOMRect())
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      {createPortal(
        // The button may stand in something scaled; its place on the screen is what counts.
        <Radix.Trigger asChild>
          <span aria-hidden tabIndex={-1} className="pointer-events-none fixed" style={{ left, top, width, height }} />
        </Radix.Trigger>,
        document.body,
      )}
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="arriving z-50 min-w-48 rounded-md border border-line-strong bg-raised p-1 shadow-float"
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            anchor.current?.focus()
          }}
          onKeyDown={(event) => event.stopPropagation()}
          onClick={(event) => event.stopPropagation()}
        >
          {items.map((item, i) => (
            <Row key={`${item.kind}-${i}`} item={item} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
