import type { CleanupPolicy, TopicConfiguration, UpdateTopic } from '@/api/types'
import type { Difference } from '@/components/changes'
import { bytes, count, minutes } from '@/components/format'
import type { Unit } from '@/components/quantity'

export const PARTITIONS_MAX = 1000

export const TIME_UNITS: Unit[] = [
  { label: 'minutes', size: 1 },
  { label: 'hours', size: 60 },
  { label: 'days', size: 1440 },
]

const MIB = 1024 * 1024

export const SIZE_UNITS: Unit[] = [
  { label: 'kB', size: 1024 },
  { label: 'MB', size: MIB },
  { label: 'GB', size: 1024 * MIB },
]

/** What a clean-up policy is called for short and in full, and what it does. */
export const CLEANUP: Record<CleanupPolicy, { short: string; text: string; rule: string }> = {
  Delete: { short: 'Delete', text: 'delete old', rule: 'Records leave by age and size.' },
  Compact: { short: 'Compact', text: 'keep the last of each key', rule: 'The last record of each key stays for good.' },
  DeleteAndCompact: { short: 'Compact, delete', text: 'keep the last of each key, delete old', rule: 'The last record of each key stays until it is too old.' },
}

/** How long records stay, for short: `7 days · 256 MB`, `compacted`. */
export function keptText({ cleanupPolicy, retentionInMinutes, retentionInBytes }: TopicConfiguration): string {
  const limits = [retentionInMinutes >= 0 && minutes(retentionInMinutes), retentionInBytes >= 0 && bytes(retentionInBytes)].filter(Boolean).join(' · ')
  if (cleanupPolicy === 'Compact') return 'compacted'
  return [cleanupPolicy === 'DeleteAndCompact' && 'compacted', limits || 'for good'].filter(Boolean).join(', ')
}

/** The same in full. */
export function keptTitle({ cleanupPolicy, retentionInMinutes, retentionInBytes }: TopicConfiguration): string {
  return `${CLEANUP[cleanupPolicy].rule} Kept for ${minutes(retentionInMinutes)}, up to ${retentionInBytes < 0 ? 'no limit' : `${bytes(retentionInBytes)} a partition`}.`
}

/** What a person decides about a topic. */
export type Wanted = Pick<TopicConfiguration, 'partitions' | 'retentionInMinutes' | 'retentionInBytes' | 'cleanupPolicy'>

const FIELDS = ['partitions', 'retentionInMinutes', 'retentionInBytes', 'cleanupPolicy'] as const

/** What cannot be sent, by field, in the platform's words. */
export function refusals(wanted: Wanted, before?: Wanted): Partial<Record<keyof Wanted, string>> {
  const { partitions, retentionInMinutes, retentionInBytes } = wanted
  const least = before?.partitions ?? 1
  const limit = (value: number) => value === -1 || value >= 1
  return {
    ...(!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX
      ? { partitions: `must be between 1 and ${PARTITIONS_MAX}` }
      : partitions < least
        ? { partitions: `can only grow; the topic has ${least}` }
        : {}),
    ...(limit(retentionInMinutes) ? {} : { retentionInMinutes: 'must be positive, or no limit' }),
    ...(limit(retentionInBytes) ? {} : { retentionInBytes: 'must be positive, or no limit' }),
  }
}

const size = (value: number) => (value < 0 ? 'no limit' : bytes(value))
const less = (after: number, before: number) => after >= 0 && (before < 0 || after < before)

/** What an edit changes, in words. */
export function differences(before: Wanted, after: Wanted): Difference[] {
  const found: Difference[] = []
  const add = (differs: boolean, difference: Difference) => differs && found.push(difference)
  add(before.partitions !== after.partitions, {
    name: 'Partitions',
    from: count(before.partitions),
    to: count(after.partitions),
    note: 'New records of a key may go to another partition than its old ones. There is no way back to fewer.',
  })
  add(before.retentionInMinutes !== after.retentionInMinutes, {
    name: 'Kept for',
    from: minutes(before.retentionInMinutes),
    to: minutes(after.retentionInMinutes),
    ...(less(after.retentionInMinutes, before.retentionInMinutes) && { note: 'Records that are older leave soon after.' }),
  })
  add(before.retentionInBytes !== after.retentionInBytes, {
    name: 'Kept up to',
    from: size(before.retentionInBytes),
    to: size(after.retentionInBytes),
    ...(less(after.retentionInBytes, before.retentionInBytes) && { note: 'The oldest records of partitions that hold more leave soon after.' }),
  })
  add(before.cleanupPolicy !== after.cleanupPolicy, {
    name: 'Clean-up',
    from: CLEANUP[before.cleanupPolicy].text,
    to: CLEANUP[after.cleanupPolicy].text,
    ...(before.cleanupPolicy === 'Delete' && { note: 'Of the records of a key only the last is sure to stay.' }),
  })
  return found
}

/** Only what differs. */
export function changeOf(before: Wanted, after: Wanted): UpdateTopic {
  return Object.fromEntries(FIELDS.filter((field) => before[field] !== after[field]).map((field) => [field, after[field]]))
}
