import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, refusedField } from '@/api/error'
import { deploymentsQuery, topicsQuery } from '@/api/queries'
import { internal } from '../pipeline/graph'
import type { Draft } from './draft'
import { type Refusals, refusals, type Taken } from './draft-rules'

/** What the other deployments of a workspace have taken. */
export function useTaken(workspaceId: string, self?: string): Taken {
  const others = (useQuery(deploymentsQuery(workspaceId)).data?.value ?? []).filter(({ deploymentId }) => deploymentId !== self)
  return { names: new Set(others.map(({ name }) => name)), prefixes: new Set(others.flatMap(({ urlPrefix }) => urlPrefix ?? [])) }
}

/** The topics that a variable can name. */
export function useTopicNames(workspaceId: string): string[] {
  const topics = useQuery(topicsQuery(workspaceId)).data?.value ?? []
  return topics.filter(({ name, status }) => !internal(name) && status !== 'Deleting').map(({ name }) => name)
}

const FIELDS = ['name', 'gitReference', 'replicas', 'cpuMillicores', 'memoryInMb', 'urlPrefix', 'stateSize', 'jobRetries', 'schedule']
/** What the platform calls by another name than the draft does. */
const PLACES: Record<string, string> = { healthCheck: 'healthTimeout' }

function byField(error: unknown): Refusals {
  const refused = refusedField(error)
  const place = refused && (PLACES[refused.field] ?? refused.field)
  if (refused && place && (FIELDS.includes(place) || place === 'healthTimeout')) return { [place]: refused.message }
  if (!(error instanceof ApiError) || error.code !== 'name-taken') return {}
  return { [error.message.includes('URL prefix') ? 'urlPrefix' : 'name']: error.message }
}

interface Checked {
  errors: Refusals
  /** The platform's refusal, unless it stands at a field. */
  refusal: unknown
  /** Whether it may be sent; from now on what is missing is shown, too. */
  check: () => boolean
}

/** What is wrong with a draft: what can be told here, and what the platform refused. */
export function useChecked(draft: Draft, taken: Taken, error: unknown): Checked {
  const [asked, setAsked] = useState(false)
  const found = refusals(draft, taken)
  const told = byField(error)
  // What nobody has filled in yet is missing, not wrong.
  const shown = asked ? found : Object.fromEntries(Object.entries(found).filter(([field]) => field !== 'gitReference' && !missing(draft, field)))
  return {
    errors: { ...told, ...shown },
    refusal: Object.keys(told).length > 0 ? undefined : error,
    check: () => {
      setAsked(true)
      return Object.keys(found).length === 0
    },
  }
}

function missing({ variables }: Draft, field: string): boolean {
  return field.startsWith('variables.') && !variables[field.slice('variables.'.length)]?.value
}
