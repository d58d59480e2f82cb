import type { Outcome, Version, VersionChange } from '@/api/types'
import type { Difference } from '@/components/changes'
import { bytes, cores } from '@/components/format'
import { versionText } from '../deployment/version'

const NAMES: Record<string, string> = {
  name: 'Name',
  applicationId: 'Application',
  commit: 'Commit',
  gitReference: 'Version',
  cpuMillicores: 'CPU',
  memoryInMb: 'Memory',
  replicas: 'Replicas',
  deploymentType: 'Type',
  publicAccess: 'Public access',
  urlPrefix: 'URL prefix',
  stateSize: 'State',
  healthCheck: 'Health check',
  jobRetries: 'Retries',
  schedule: 'Schedule',
}

const onOff = (value: string) => (value === 'true' ? 'on' : value === 'false' ? 'off' : value)

const VALUES: Record<string, (value: string) => string> = {
  commit: (value) => value.slice(0, 7),
  gitReference: (value) => value.replace(/^(commit [0-9a-f]{7})[0-9a-f]+$/, '$1'),
  cpuMillicores: (value) => cores(Number(value)),
  memoryInMb: (value) => bytes(Number(value) * 1024 * 1024),
  stateSize: (value) => `${value} GB`,
  publicAccess: onOff,
}

const NOTHING: Record<string, string> = { schedule: 'none', urlPrefix: 'none', stateSize: 'off', healthCheck: 'what suits it' }

/** A change of a version, as people say it. */
export function differenceOf({ field, before, after }: VersionChange): Difference {
  const variable = field.startsWith('variables.')
  const write = (value: string | null | undefined) => {
    if (value == null || value === '') return variable ? (value == null ? 'not there' : 'empty') : (NOTHING[field] ?? 'nothing')
    return (VALUES[field] ?? String)(value)
  }
  return { name: variable ? field.slice('variables.'.length) : (NAMES[field] ?? field), from: write(before), to: write(after) }
}

interface OutcomeLook {
  word: string
  dot: string
  text: string
}

/** The outcome of a version, as it looks. */
export function outcomeOf({ outcome }: Pick<Version, 'outcome'>): OutcomeLook {
  const looks: Record<Outcome, OutcomeLook> = {
    Pending: { word: 'On its way', dot: 'bg-warn', text: 'text-warn' },
    Healthy: { word: 'Healthy', dot: 'bg-ok', text: 'text-text' },
    Unhealthy: { word: 'Not healthy', dot: 'bg-bad', text: 'text-bad' },
    BuildFailed: { word: 'Build failed', dot: 'bg-bad', text: 'text-bad' },
    RolledBack: { word: 'Rolled back', dot: 'bg-bad', text: 'text-bad' },
  }
  return looks[outcome] ?? { word: outcome, dot: 'border border-line-strong', text: 'text-muted' }
}

/** Who made a version; the platform itself when nobody did. */
export function whoMade({ createdBy }: { createdBy?: Partial<NonNullable<Version['createdBy']>> | null }): string {
  if (!createdBy) return 'the platform'
  return [createdBy.firstName, createdBy.lastName].filter(Boolean).join(' ') || createdBy.email || 'somebody'
}

/** `v1.4.0 · Route alerts by shift`. */
export function commitText(version: Pick<Version, 'gitTag' | 'gitReference' | 'commitMessage'>): string {
  const [message] = (version.commitMessage ?? '').split('\n')
  return [versionText(version), message].filter(Boolean).join(' · ')
}
