import { refusedName } from '../topic/name'
import type { Draft } from './draft'
import { TIMEOUT } from './health'

/** What others have, and nobody else may take. */
export interface Taken {
  names: Set<string>
  prefixes: Set<string>
}

export const RANGES = { replicas: [1, 100], cpuMillicores: [50, 64_000], memoryInMb: [32, 262_144], stateSize: [1, 100], healthTimeout: TIMEOUT, jobRetries: [0, 20] } as const

/** Addresses of the platform. */
const RESERVED = new Set(
  'admin api app assets auth catalogue deployments git healthz hub library live metrics openapi organisations portal-api profile reader readyz repositories sessions telemetry-query tokens topics workspaces writer'.split(' '),
)

/** Why a URL prefix cannot be, in the platform's words. */
export function refusedPrefix(prefix: string, taken: Set<string>): string | undefined {
  if (prefix.length < 1 || prefix.length > 22) return 'must have 1 to 22 characters'
  const [odd] = /[^a-z0-9-]/u.exec(prefix) ?? []
  if (odd) return `'${odd}' is not allowed; use lower-case letters, digits and '-'`
  if (prefix.startsWith('-') || prefix.endsWith('-')) return "must not start or end with '-'"
  if (RESERVED.has(prefix)) return `'${prefix}' is reserved`
  return taken.has(prefix) ? `The URL prefix '${prefix}' is taken. Choose another.` : undefined
}

/** Why a variable cannot be called so. */
export function refusedVariable(name: string): string | undefined {
  if (name.startsWith('Quix__') || name === 'PORT') return `'${name}' is set by the platform`
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,199}$/.test(name) ? undefined : `'${name}' is not a variable name; use letters, digits and '_', starting with a letter`
}

/** A prefix like this one that nobody has, if this one is not to be had. */
export function freePrefix(prefix: string, taken: Set<string>): string | undefined {
  const base = prefix.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '')
  const candidates = ['', ...Array.from({ length: 99 }, (_, i) => `-${i + 2}`)].map((end) => `${base.slice(0, 22 - end.length).replace(/-+$/, '')}${end}`)
  return base ? candidates.find((each) => each !== prefix && !refusedPrefix(each, taken)) : undefined
}

export type Refusals = Record<string, string>

/** What is wrong with a draft, by field; variables as `variables.name`. */
export function refusals(draft: Draft, taken: Taken): Refusals {
  const found: Refusals = {}
  const { name, reference, gitReference, variables } = draft
  if (name.trim() !== name || name === '') found.name = 'must not be empty or start or end with a blank'
  else if ([...name].length > 100) found.name = 'has at most 100 characters'
  else if (taken.names.has(name)) found.name = `The deployment name '${name}' is taken. Choose another.`
  if (reference !== 'Latest' && !gitReference) found.gitReference = reference === 'Tag' ? 'Choose a tag.' : 'Choose a commit.'
  for (const field of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[field]
    const value = draft[field]
    if (field === 'stateSize' && !draft.stateEnabled) continue
    if (field === 'jobRetries' && draft.deploymentType !== 'Job') continue
    if (!Number.isInteger(value) || value < least || value > most) found[field] = `must be between ${least} and ${most}`
  }
  if (draft.publicAccess) {
    const refused = draft.deploymentType === 'Job' ? 'is for services; a job has no public address' : refusedPrefix(draft.urlPrefix, taken.prefixes)
    if (refused) found.urlPrefix = refused
  }
  if (draft.healthType === 'Http' && !/^\/[^\s#]*$/.test(draft.healthPath)) found.healthPath = "must begin with '/' and have no blanks"
  for (const [key, { inputType, required, value }] of Object.entries(variables)) {
    const topic = inputType === 'InputTopic' || inputType === 'OutputTopic'
    const refused = required && !value ? `'${key}' is required and has no value` : topic && value ? refusedName(value, new Set()) : undefined
    if (refused) found[`variables.${key}`] = refused
  }
  return found
}
