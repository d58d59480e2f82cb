import type { Deployment } from '@/api/types'
import { inputs, outputs } from '../pipeline/graph'

export interface Named {
  id: string
  name: string
}

/** The deployments that write a topic, and those that read it. */
export interface Users {
  producers: Named[]
  consumers: Named[]
}

export const NOBODY: Users = { producers: [], consumers: [] }

/** Who uses which topic, by what the variables of the deployments say. */
export function usersByTopic(deployments: Deployment[]): Map<string, Users> {
  const found = new Map<string, Users>()
  const of = (topic: string) => {
    const users = found.get(topic) ?? { producers: [], consumers: [] }
    found.set(topic, users)
    return users
  }
  for (const each of deployments) {
    const named = { id: each.deploymentId, name: each.name }
    for (const topic of outputs(each)) of(topic).producers.push(named)
    for (const topic of inputs(each)) of(topic).consumers.push(named)
  }
  return found
}

/** `Merge regions`, `Merge regions and 2 more`. */
export function namesText(named: Named[]): string {
  const [first, ...others] = named
  if (!first) return ''
  return others.length === 0 ? first.name : `${first.name} and ${others.length} more`
}
