import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { classes } from '@/components/classes'

/** Members of one level that are drawn before "show more". */
const PAGE = 100

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span className="break-words whitespace-pre-wrap text-(--series-6)">“{value}”</span>
  if (typeof value === 'number') return <span className="text-(--series-1)">{String(value)}</span>
  return <span className="text-(--series-5)">{String(value)}</span>
}

function Name({ name }: { name: string }) {
  return <span className="whitespace-pre text-muted">{name}: </span>
}

interface NodeProps {
  name?: string
  value: unknown
  depth: number
}

function Branch({ name, value, depth }: NodeProps & { value: object }) {
  const [open, setOpen] = useState(depth < 2)
  const [most, setMost] = useState(PAGE)
  const members = Object.entries(value)
  const list = Array.isArray(value)
  return (
    <div>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="-ml-4 inline-flex items-center rounded-sm hover:bg-hover">
        <ChevronRight className={classes('size-4 shrink-0 text-muted transition-transform duration-100', open && 'rotate-90')} />
        {name !== undefined && <Name name={name} />}
        <span className="text-muted">{list ? `[${members.length}]` : open ? '{' : `{ ${members.length} }`}</span>
      </button>
      {open && (
        <div className="border-l border-line pl-5">
          {members.slice(0, most).map(([key, member]) => (
            <Node key={key} name={key} value={member} depth={depth + 1} />
          ))}
          {members.length > most && (
            <button type="button" className="text-accent hover:underline" onClick={() => setMost(most + PAGE)}>
              {members.length - most} more
            </button>
          )}
        </div>
      )}
      {open && !list && <span className="text-muted">{'}'}</span>}
    </div>
  )
}

function Node({ name, value, depth }: NodeProps) {
  if (typeof value === 'object' && value !== null) return <Branch name={name} value={value} depth={depth} />
  return (
    <div>
      {name !== undefined && <Name name={name} />}
      <Leaf value={value} />
    </div>
  )
}

/** A JSON value whose parts open and close. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className="pl-4">
      <Node value={value} depth={0} />
    </div>
  )
}
