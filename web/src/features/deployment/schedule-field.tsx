import { Field, TextInput } from '@/components/form'
import { until } from '@/components/duration'
import { nextRuns, refusedSchedule, scheduleWords } from './cron'

interface Props {
  schedule: string
  /** The platform's refusal. */
  error: string | undefined
  onChange: (schedule: string) => void
}

const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' })

/** When a job starts: as cron writes it, with what that means. */
export default function ScheduleField({ schedule, error, onChange }: Props) {
  const wanted = schedule.trim()
  const refused = wanted ? refusedSchedule(wanted) : undefined
  const [first, ...later] = wanted && !refused ? nextRuns(wanted, 3) : []
  const hint = !wanted ? (
    'Empty: it starts when you start it. 0 6 * * 1-5 is every workday at 06:00.'
  ) : first ? (
    <>
      {scheduleWords(wanted)}. Next {until(first.toISOString())}: {[first, ...later].map((each) => DAY.format(each)).join('; ')}.
    </>
  ) : undefined
  return (
    <Field label="Schedule" hint={hint} error={refused ?? error}>
      {(control) => <TextInput {...control} className="font-mono" placeholder="minute hour day month weekday" value={schedule} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  )
}
