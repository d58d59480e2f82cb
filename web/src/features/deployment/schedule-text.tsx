import { until } from '@/components/duration'
import { utc } from '@/components/format'
import { useNow } from '@/components/use-now'
import { scheduleWords } from './cron'

/** When a job starts, in words, and when next. Loaded where there is a schedule. */
export default function ScheduleText({ schedule, nextRunAt }: { schedule: string; nextRunAt: string | null | undefined }) {
  const now = useNow(15_000)
  return (
    <>
      {scheduleWords(schedule)} <span className="font-mono text-xs text-muted">{schedule}</span>
      {nextRunAt && (
        <span className="block text-muted" title={utc(nextRunAt)}>
          next run {until(nextRunAt, now)}
        </span>
      )}
    </>
  )
}
