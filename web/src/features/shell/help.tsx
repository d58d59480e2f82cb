import { Dialog } from '@/components/dialog'
import { pages } from './pages'

const MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent)

const GROUPS: { title: string; keys: [keys: string[], does: string][] }[] = [
  {
    title: 'Anywhere',
    keys: [
      [[MAC ? '⌘ K' : 'Ctrl K'], 'Search, open, start, stop'],
      ...pages.map(({ key, label }): [string[], string] => [['g', key], `Go to ${label.toLowerCase()}`]),
      [['/'], 'Filter or search the page'],
      [['Esc'], 'Close the panel, the dialog or the menu'],
      [['?'], 'This sheet'],
    ],
  },
  {
    title: 'In lists',
    keys: [
      [['j'], 'Down'],
      [['k'], 'Up'],
      [['Enter'], 'Open'],
      [['Home'], 'First'],
      [['End'], 'Last'],
    ],
  },
  {
    title: 'In tabs, choices and borders',
    keys: [
      [['←', '→'], 'The one before, the next'],
      [['↑', '↓'], 'Move the border between two panes'],
    ],
  },
]

/** Every key that does something. */
export default function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="mt-4 grid gap-4 overflow-y-auto">
        {GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3 className="mb-1 text-xs font-medium text-muted">{title}</h3>
            <dl className="grid grid-cols-[112px_minmax(0,1fr)] items-center gap-y-1.5">
              {keys.map(([pressed, does]) => (
                <div key={does} className="contents">
                  <dt className="flex gap-1">
                    {pressed.map((key) => (
                      <kbd key={key} className="min-w-6 rounded-sm border border-line-strong bg-bg px-1.5 text-center font-sans text-xs leading-5">
                        {key}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
