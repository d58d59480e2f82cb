import { Cron } from 'croner'
import cronstrue from 'cronstrue'

/** Why a schedule cannot be; nothing when it can. */
export function refusedSchedule(schedule: string): string | undefined {
  if (schedule.trim().split(/\s+/).length !== 5) return 'has five parts: minute, hour, day of the month, month, day of the week'
  try {
    return new Cron(schedule.trim(), { timezone: 'UTC', mode: '5-part' }).nextRun() ? undefined : 'names no day that ever comes'
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
  }
}

/** A schedule in words: `At 06:00, 14:00 and 22:00, UTC`. */
export function scheduleWords(schedule: string): string {
  try {
    return `${cronstrue.toString(schedule, { use24HourTimeFormat: true })}, UTC`
  } catch {
    return schedule
  }
}

/** The next times of a schedule that can be. */
export function nextRuns(schedule: string, times: number, after?: Date): Date[] {
  return new Cron(schedule.trim(), { timezone: 'UTC', mode: '5-part' }).nextRuns(times, after)
}
