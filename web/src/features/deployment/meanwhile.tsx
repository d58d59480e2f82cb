import { useEffect, useRef } from 'react'
import type { Deployment } from '@/api/types'
import { Ago } from '@/components/ago'
import { Changes, type Difference } from '@/components/changes'
import { Options } from '@/components/choice'
import type { Clash } from './merge'

interface Props {
  by: Deployment['updatedBy']
  at: string
  /** Saving was tried, and the others were quicker. */
  late: boolean
  changes: Difference[]
  clashes: Clash[]
  /** Where theirs is kept, by id. */
  conceded: ReadonlySet<string>
  onConcede: (conceded: ReadonlySet<string>) => void
}

const WHOSE = [
  { id: 'yours' as const, label: 'Yours' },
  { id: 'theirs' as const, label: 'Theirs' },
]

/** What somebody else changed while this dialog was open; where both changed the same, one of the two is chosen. */
export function Meanwhile({ by, at, late, changes, clashes, conceded, onConcede }: Props) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (late) place.current?.focus()
  }, [late])
  const who = by ? [by.firstName, by.lastName].filter(Boolean).join(' ') || by.email || 'Somebody else' : 'Somebody else'
  const choose = (id: string, whose: 'yours' | 'theirs') => {
    const next = new Set(conceded)
    if (whose === 'theirs') next.add(id)
    else next.delete(id)
    onConcede(next)
  }
  return (
    <section ref={place} tabIndex={-1} aria-label="Changed meanwhile" className="grid gap-2 rounded-md border border-line-strong px-3 py-2.5">
      <p>
        <span className="font-medium">{who} changed this deployment</span> <span className="text-muted"><Ago time={at} />, after you opened it.</span>{' '}
        {late && 'Nothing of yours was saved yet: look, and save again. '}
        <span className="text-muted">{clashes.length === 0 ? 'It does not touch what you change; both are kept.' : 'What only one of you changed is kept.'}</span>
      </p>
      <Changes title="What they changed" changes={changes} />
      {clashes.map(({ id, name, yours, theirs }) => (
        <div key={id} className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[minmax(0,1fr)_148px]">
          <p className="min-w-0 break-words">
            <span className="text-muted">{name}: you want </span>
            {yours}
            <span className="text-muted">, they want </span>
            {theirs}
          </p>
          <Options aria-label={`Whose ${name}`} className="h-7" options={WHOSE} chosen={conceded.has(id) ? 'theirs' : 'yours'} onChoose={(whose) => choose(id, whose)} />
        </div>
      ))}
    </section>
  )
}
