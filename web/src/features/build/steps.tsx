import { Check, LoaderCircle, X } from 'lucide-react'
import type { BuildStep } from '@/api/types'
import { seconds } from '@/components/duration'
import { useNow } from '@/components/use-now'

const ICONS = {
  Running: { icon: LoaderCircle, colour: 'text-warn motion-safe:animate-spin', word: 'runs' },
  Succeeded: { icon: Check, colour: 'text-ok', word: 'done' },
  Failed: { icon: X, colour: 'text-bad', word: 'failed' },
} as const

/** How long a step took, or takes so far. */
function lastingOf({ seconds: told, startedAt, endedAt }: BuildStep, now: number): number | undefined {
  if (told !== null) return told
  return startedAt ? Math.max(0, ((endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt)) / 1000) : undefined
}

/** The steps of a build, with how long each took beside the longest. */
export function Steps({ steps }: { steps: BuildStep[] }) {
  const now = useNow(1_000, steps.some(({ status }) => status === 'Running'))
  const lasting = steps.map((step) => lastingOf(step, now))
  const longest = Math.max(0.001, ...lasting.map((each) => each ?? 0))
  return (
    <ol aria-label="Steps" className="grid gap-1">
      {steps.map((step, i) => {
        const { icon: Icon, colour, word } = ICONS[step.status]
        const took = lasting[i]
        return (
          <li key={`${step.name} ${step.startedAt}`} className="grid grid-cols-[16px_88px_minmax(0,1fr)_64px] items-center gap-2">
            <Icon aria-label={word} className={`size-4 ${colour}`} />
            <span className={step.status === 'Failed' ? 'truncate text-bad' : 'truncate'}>{step.name}</span>
            <span aria-hidden className="h-1 overflow-hidden rounded-full bg-line">
              <span className={`block h-full rounded-full ${step.status === 'Failed' ? 'bg-bad' : 'bg-muted'}`} style={{ width: `${((took ?? 0) / longest) * 100}%` }} />
            </span>
            <span className="text-right text-xs whitespace-nowrap text-muted">{took === undefined ? '–' : seconds(took)}</span>
          </li>
        )
      })}
    </ol>
  )
}
