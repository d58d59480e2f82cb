import { ArrowDownToLine, Copy, Pause, Play, WrapText } from 'lucide-react'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import type { Level, LogScope } from '@/api/log-query'
import { Button, IconButton } from '@/components/button'
import { Filter } from '@/components/filter'
import { count } from '@/components/format'
import { remembered } from '@/components/storage'
import { tell, tellFailure } from '@/components/tell'
import type { LogEntry } from '@/live/protocol'
import { useResumingChannel } from '@/live/use-resuming-channel'
import { LevelSelect } from './level-select'
import { LogBuffer, type LogRow } from './log-buffer'
import { LogLines } from './log-lines'

interface Props {
  deploymentId: string
  /** Of the deployment: a log that ended is taken up again when it has changed. */
  revision: number
  source: 'run' | 'build'
  /** Of which replica and run; of all that run when not given. */
  scope?: LogScope
  /** What an empty log means here. */
  empty: string
  /** At the left of the tools. */
  lead?: ReactNode
  /** Among them. */
  tools?: ReactNode
}

function asText(rows: LogRow[]): string {
  return rows
    .map((row) => (row.kind === 'mark' ? `— ${row.text}` : `${row.entry.time} ${row.entry.stream} ${row.entry.text}`))
    .join('\n')
}

/** A log as it is written. */
export function LogView({ deploymentId, revision, source, scope, empty, lead, tools }: Props) {
  const [buffer] = useState(() => new LogBuffer())
  const [filter, setFilter] = useState('')
  const [level, setLevel] = useState<Level>()
  const [wrap, setWrap] = useState(remembered.get('log.wrap') !== 'no')
  const [following, setFollowing] = useState(true)
  useSyncExternalStore(buffer.subscribe, () => buffer.version)

  const failure = useResumingChannel<{ entries: LogEntry[] }>({ kind: 'logs', deploymentId, ...(source === 'build' && { source }), ...scope }, revision, {
    event: ({ entries }) => buffer.append(entries),
    reset: () => buffer.mark('some output was passed over'),
  })
  useEffect(() => buffer.filter(filter, level), [buffer, filter, level])

  const toggleWrap = () => {
    remembered.set('log.wrap', wrap ? 'no' : null)
    setWrap(!wrap)
  }
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asText(buffer.visible))
      tell(`${count(buffer.visible.length)} lines copied`)
    } catch (error) {
      tellFailure('The lines were not copied.', error)
    }
  }

  return (
    <div className="@container flex h-full min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-3">
        {lead}
        <Filter label="Filter lines" value={filter} onChange={setFilter} className="flex-1" />
        {source === 'run' && <LevelSelect className="hidden @lg:block" level={level} onChange={setLevel} />}
        <span className="hidden text-xs whitespace-nowrap text-muted @lg:inline">
          {filter || level ? `${count(buffer.visible.length)} of ${count(buffer.size)}` : count(buffer.size)} lines
        </span>
        <IconButton label="Wrap long lines" aria-pressed={wrap} onClick={toggleWrap}>
          <WrapText className="size-4" />
        </IconButton>
        <IconButton label="Follow the end" aria-pressed={following} onClick={() => setFollowing(!following)}>
          <ArrowDownToLine className="size-4" />
        </IconButton>
        <IconButton label="Copy the lines shown" onClick={copy}>
          <Copy className="size-4" />
        </IconButton>
        {tools}
        <Button className="h-7 px-2" aria-pressed={buffer.paused} onClick={() => buffer.pause(!buffer.paused)}>
          {buffer.paused ? <Play className="size-3.5" /> : <Pause className="size-3.5" />}
          {buffer.paused ? `Resume${buffer.passed > 0 ? ` (${count(buffer.passed)} new)` : ''}` : 'Pause'}
        </Button>
      </div>
      {failure ? (
        <p role="alert" className="p-4 text-muted">
          {failure.message} {failure.hint}
        </p>
      ) : buffer.size === 0 ? (
        <p className="p-4 text-muted">{empty}</p>
      ) : buffer.visible.length === 0 ? (
        <p className="p-4 text-muted">No line is like that.</p>
      ) : (
        <LogLines
          rows={buffer.visible}
          wrap={wrap}
          showReplica={buffer.replicas > 1}
          following={following && !buffer.paused}
          onFollow={setFollowing}
        />
      )}
    </div>
  )
}
