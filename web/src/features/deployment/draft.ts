import type { Application, DeclaredVariable, Deployment, HealthCheck, Variable, WantedDeployment } from '@/api/types'
import type { Difference } from '@/components/changes'
import { bytes, cores } from '@/components/format'
import { healthWords } from './health'

/** What the platform writes for a value that it does not show. Sent back, it means the present value. */
export const MASK = '••••••'

export type Reference = 'Latest' | 'Tag' | 'Commit'

/** What a person decides about a deployment. */
export interface Draft {
  name: string
  reference: Reference
  /** The tag or commit; nothing for the latest. */
  gitReference: string
  /** Take the head of the branch as it is now. Only for a change. */
  refresh: boolean
  deploymentType: string
  replicas: number
  cpuMillicores: number
  memoryInMb: number
  variables: Record<string, Variable>
  publicAccess: boolean
  urlPrefix: string
  stateEnabled: boolean
  stateSize: number
  /** Nothing chosen: what suits the deployment. */
  healthType: HealthCheck['type'] | ''
  /** Of an HTTP check. */
  healthPath: string
  healthTimeout: number
  /** Of a job that fails. */
  jobRetries: number
  /** When a job starts, as cron writes it; empty: by hand. */
  schedule: string
  running: boolean
}

const valueOf = ({ inputType, description, defaultValue, required }: DeclaredVariable): Variable => ({ inputType, description, required, value: defaultValue ?? '' })

/** As `app.yaml` would have it. */
export function newDraft(application: Application): Draft {
  return {
    name: application.name,
    reference: 'Latest',
    gitReference: '',
    refresh: false,
    deploymentType: 'Service',
    replicas: 1,
    cpuMillicores: 200,
    memoryInMb: 500,
    variables: Object.fromEntries(application.variables.map((declared) => [declared.name, valueOf(declared)])),
    publicAccess: false,
    urlPrefix: slug(application.name),
    stateEnabled: false,
    stateSize: 1,
    healthType: '',
    healthPath: '/',
    healthTimeout: 60,
    jobRetries: 0,
    schedule: '',
    running: true,
  }
}

/** As the deployment is; with what its application has declared since. */
export function draftOf(deployment: Deployment, application: Application | undefined): Draft {
  const { gitReferenceType, useLatest, gitTag, gitReference } = deployment
  const reference = useLatest ? 'Latest' : gitReferenceType === 'Tag' ? 'Tag' : 'Commit'
  const declared = (application?.variables ?? []).filter(({ name }) => !Object.hasOwn(deployment.variables, name))
  return {
    name: deployment.name,
    reference,
    gitReference: reference === 'Latest' ? '' : reference === 'Tag' ? (gitTag ?? '') : gitReference,
    refresh: false,
    deploymentType: deployment.deploymentType,
    replicas: deployment.replicas,
    cpuMillicores: deployment.cpuMillicores,
    memoryInMb: deployment.memoryInMb,
    variables: { ...deployment.variables, ...Object.fromEntries(declared.map((each) => [each.name, valueOf(each)])) },
    publicAccess: deployment.publicAccess,
    urlPrefix: deployment.urlPrefix ?? slug(deployment.name),
    stateEnabled: deployment.stateEnabled,
    stateSize: deployment.stateSize ?? 1,
    healthType: deployment.healthCheck?.type ?? '',
    healthPath: deployment.healthCheck?.path ?? '/',
    healthTimeout: deployment.healthCheck?.timeoutSeconds ?? 60,
    jobRetries: deployment.jobRetries ?? 0,
    schedule: deployment.schedule ?? '',
    running: deployment.desiredRunning,
  }
}

/** A part of an address made of a name, as the platform would make it. */
export function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '').slice(0, 22).replace(/-+$/, '')
}

const referenceOf = ({ reference, gitReference }: Draft): WantedDeployment =>
  reference === 'Latest' ? { useLatest: true } : { useLatest: false, gitReferenceType: reference, gitReference }

const isJob = ({ deploymentType }: Draft) => deploymentType === 'Job'

/** Nothing while what suits is wanted, within the usual time. */
function healthOf({ healthType, healthPath, healthTimeout }: Draft): HealthCheck | undefined {
  return healthType ? { type: healthType, path: healthType === 'Http' ? healthPath : null, timeoutSeconds: healthTimeout } : undefined
}

/** All of it, to create. */
export function wantedOf(draft: Draft, workspaceId: string, applicationId: string): WantedDeployment {
  const { name, deploymentType, replicas, cpuMillicores, memoryInMb, variables, publicAccess, urlPrefix, stateEnabled, stateSize, running } = draft
  return {
    workspaceId,
    applicationId,
    name,
    ...referenceOf(draft),
    deploymentType,
    replicas,
    cpuMillicores,
    memoryInMb,
    variables,
    publicAccess,
    ...(publicAccess && { urlPrefix }),
    stateEnabled,
    ...(stateEnabled && { stateSize }),
    ...(healthOf(draft) && { healthCheck: healthOf(draft) }),
    ...(isJob(draft) && { jobRetries: draft.jobRetries, ...(draft.schedule.trim() && { schedule: draft.schedule.trim() }) }),
    autoStart: running,
  }
}

const sameReference = (a: Draft, b: Draft) => a.reference === b.reference && a.gitReference === b.gitReference && !b.refresh
const text = (variable: Variable | undefined) => variable?.value ?? ''
const changedNames = (before: Draft, after: Draft) =>
  [...new Set([...Object.keys(before.variables), ...Object.keys(after.variables)])].filter(
    (name) => text(before.variables[name]) !== text(after.variables[name]) || name in before.variables !== name in after.variables,
  )

/** Only what differs; a change of variables has them all, as it replaces them all. */
export function changeOf(before: Draft, after: Draft): WantedDeployment {
  const plain = (['name', 'deploymentType', 'replicas', 'cpuMillicores', 'memoryInMb'] as const).filter((field) => before[field] !== after[field])
  const opened = after.publicAccess && (!before.publicAccess || before.urlPrefix !== after.urlPrefix)
  const grown = after.stateEnabled && (!before.stateEnabled || before.stateSize !== after.stateSize)
  const job = isJob(after)
  return {
    ...Object.fromEntries(plain.map((field) => [field, after[field]])),
    ...(!sameReference(before, after) && referenceOf(after)),
    ...(changedNames(before, after).length > 0 && { variables: after.variables }),
    ...(before.publicAccess !== after.publicAccess && { publicAccess: after.publicAccess }),
    ...(opened && { urlPrefix: after.urlPrefix }),
    ...(before.stateEnabled !== after.stateEnabled && { stateEnabled: after.stateEnabled }),
    ...(grown && { stateSize: after.stateSize }),
    ...(healthText(before) !== healthText(after) && { healthCheck: healthOf(after) ?? null }),
    ...(job && before.jobRetries !== after.jobRetries && { jobRetries: after.jobRetries }),
    ...(job && before.schedule !== after.schedule && { schedule: after.schedule.trim() || null }),
  }
}

const versionOf = ({ reference, gitReference, refresh }: Draft) =>
  refresh ? 'the newest commit' : reference === 'Latest' ? 'latest' : reference === 'Tag' ? gitReference : gitReference.slice(0, 7)
const publicOf = ({ publicAccess, urlPrefix }: Draft) => (publicAccess ? urlPrefix : 'off')
const stateOf = ({ stateEnabled, stateSize }: Draft) => (stateEnabled ? `${stateSize} GB` : 'off')
const memoryOf = ({ memoryInMb }: Draft) => bytes(memoryInMb * 1024 * 1024)
const hidden = (variable: Variable | undefined) => variable?.inputType === 'HiddenText' || variable?.inputType === 'Secret'
const shownValue = (variable: Variable | undefined) => (hidden(variable) && variable?.value ? MASK : text(variable) || 'nothing')

const healthText = (draft: Draft) => {
  const check = healthOf(draft)
  return check ? healthWords(check) : 'what suits it'
}
const retriesOf = (draft: Draft) => (isJob(draft) ? String(draft.jobRetries) : 'none')
const scheduleOf = (draft: Draft) => (isJob(draft) && draft.schedule.trim()) || 'by hand'

/** What a change does, in words. */
export function differences(before: Draft, after: Draft): Difference[] {
  const written: [string, (draft: Draft) => string, note?: string][] = [
    ['Name', ({ name }) => name],
    ['Version', versionOf],
    ['Type', ({ deploymentType }) => deploymentType],
    ['Replicas', ({ replicas }) => String(replicas)],
    ['CPU', ({ cpuMillicores }) => cores(cpuMillicores)],
    ['Memory', memoryOf],
    ['Public access', publicOf, before.publicAccess ? 'Its present address ends.' : undefined],
    ['State', stateOf, before.stateEnabled && !after.stateEnabled ? 'The next replicas run without it.' : undefined],
    ['Health check', healthText],
    ['Retries', retriesOf],
    ['Schedule', scheduleOf],
  ]
  const plain = written
    .map(([name, write, note]): Difference => ({ id: name, name, from: write(before), to: write(after), ...(note && { note }) }))
    .filter(({ from, to }) => from !== to)
  const variables = changedNames(before, after).map((name): Difference => {
    const to = after.variables[name]
    return { id: `variables.${name}`, name, from: shownValue(before.variables[name]), to: to ? (hidden(to) && to.value ? 'a new hidden value' : shownValue(to)) : 'removed' }
  })
  return [...plain, ...variables]
}

/** What changes without a replica being replaced. */
const SOFT = ['name', 'replicas', 'jobRetries', 'schedule', 'healthCheck']

/** Whether replicas have to be replaced to get there. */
export function replaces(before: Draft, after: Draft): boolean {
  return Object.keys(changeOf(before, after)).some((field) => !SOFT.includes(field))
}
