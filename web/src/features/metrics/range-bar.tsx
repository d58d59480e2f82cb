import { Button } from '@/components/button'
import { Options } from '@/components/choice'
import { RANGES, type RangeId, type RangeSearch, type Shown, USUAL } from './range'
import { moment } from './units'

interface Props {
  shown: Shown
  utc: boolean
  /** What was read last is not from now. */
  old: boolean
  onChange: (search: RangeSearch) => void
  onLogs?: () => void
}

/** Which time the charts show. */
export function RangeBar({ shown, utc, old, onChange, onLogs }: Props) {
  const live = shown.kind === 'live'
  const choose = (id: RangeId) => onChange({ range: id === USUAL ? undefined : id, from: undefined, to: undefined })
  return (
    <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-3">
      <Options aria-label="Time range" className="h-7" options={RANGES} chosen={live ? shown.id : undefined} onChoose={choose} />
      {live ? (
        <span role="status" className={old ? 'text-xs text-warn' : 'text-xs text-muted'}>
          {old ? 'Cannot be read now; it goes on by itself' : 'Follows'}
        </span>
      ) : (
        <>
          <span className="truncate text-xs text-muted">{`${moment(shown.from, utc)} – ${moment(shown.to, utc)}`}</span>
          <Button className="h-7 px-2" onClick={() => onChange({ from: undefined, to: undefined })}>
            Back to live
          </Button>
          {onLogs && (
            <Button className="h-7 px-2" onClick={onLogs}>
              Logs of this time
            </Button>
          )}
        </>
      )}
      <span className="ml-auto hidden text-xs text-muted @3xl:inline">Drag to zoom, double click to go back</span>
      <Button className="h-7 px-2" aria-pressed={utc} onClick={() => onChange({ utc: utc ? undefined : true })}>
        {utc ? 'UTC' : 'Local time'}
      </Button>
    </div>
  )
}
