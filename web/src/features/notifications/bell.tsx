import * as Popover from '@radix-ui/react-popover'
import { Bell as Icon, BellDot, CircleAlert, CircleCheck, Hammer, History, Rows3 } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { Ago } from '@/components/ago'
import { Button } from '@/components/button'
import { classes } from '@/components/classes'
import { count } from '@/components/format'
import type { Kind, Notice } from './notices'
import { notices } from './store'
import { useOpenNotice, useWatch } from './use-watch'

const ICONS: Record<Kind, typeof Icon> = { build: Hammer, runtime: CircleAlert, rollback: History, completed: CircleCheck, topic: Rows3 }

function Item({ notice, onOpen }: { notice: Notice; onOpen: () => void }) {
  const { kind, title, detail, time, times, urgent, read } = notice
  const Kind = ICONS[kind]
  return (
    <li className="border-b border-line last:border-b-0">
      <button type="button" onClick={onOpen} className="grid w-full grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2.5 px-4 py-2.5 text-left -outline-offset-2 hover:bg-hover">
        <Kind aria-hidden className={classes('mt-0.5 size-4', urgent ? 'text-bad' : 'text-muted')} />
        <span className={classes('break-words', !read && 'font-medium')}>
          {title}
          {times > 1 && <span className="text-muted"> · {count(times)} times</span>}
          {!read && <span className="sr-only">, new</span>}
        </span>
        <span className="text-xs text-muted">
          <Ago time={time} />
        </span>
        {detail && <span className="col-start-2 col-end-4 line-clamp-2 text-xs break-words text-muted">{detail}</span>}
      </button>
    </li>
  )
}

/** What happened while one looked elsewhere: how many are new, and a list that leads to each. */
export default function Bell({ workspaceId }: { workspaceId: string }) {
  useWatch(workspaceId)
  const list = useSyncExternalStore(notices.subscribe, () => notices.of(workspaceId))
  const goTo = useOpenNotice(workspaceId)
  const [open, setOpen] = useState(false)
  const unread = list.filter((notice) => !notice.read).length
  const change = (next: boolean) => {
    setOpen(next)
    // They count as read once the list was seen.
    if (!next) notices.readAll(workspaceId)
  }
  const Shown = unread > 0 ? BellDot : Icon
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger
        aria-label={unread > 0 ? `Notifications, ${count(unread)} new` : 'Notifications'}
        title="Notifications"
        className={classes('relative flex size-8 items-center justify-center rounded-md hover:bg-hover aria-expanded:bg-hover', unread > 0 ? 'text-text' : 'text-muted')}
      >
        <Shown className="size-4.5" />
        {unread > 0 && (
          <span aria-hidden className="absolute top-0 right-0 min-w-4 rounded-full bg-accent px-1 text-center text-xs leading-4 font-medium text-on-accent">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Notifications"
          className="arriving z-50 flex max-h-[70vh] w-96 max-w-[calc(100vw-16px)] flex-col rounded-md border border-line-strong bg-raised shadow-float"
        >
          <header className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
            <h2 className="font-medium">Notifications</h2>
            {list.length > 0 && (
              <Button className="h-7 border-transparent! px-2 text-muted" onClick={() => notices.clear(workspaceId)}>
                Clear
              </Button>
            )}
          </header>
          {list.length === 0 ? (
            <p className="px-4 py-6 text-muted">Nothing to tell. What fails, is rolled back or completes in this environment is listed here, by this browser.</p>
          ) : (
            <ul className="min-h-0 overflow-y-auto">
              {list.map((notice) => (
                <Item
                  key={notice.id}
                  notice={notice}
                  onOpen={() => {
                    change(false)
                    goTo(notice)
                  }}
                />
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
