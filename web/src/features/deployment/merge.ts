import { type Draft, differences } from './draft'

/** What of a draft stands or falls together, by the id of its difference. */
const PARTS: Record<string, (keyof Draft)[]> = {
  Name: ['name'],
  Version: ['reference', 'gitReference', 'refresh'],
  Type: ['deploymentType'],
  Replicas: ['replicas'],
  CPU: ['cpuMillicores'],
  Memory: ['memoryInMb'],
  'Public access': ['publicAccess', 'urlPrefix'],
  State: ['stateEnabled', 'stateSize'],
  'Health check': ['healthType', 'healthPath', 'healthTimeout'],
  Retries: ['jobRetries'],
  Schedule: ['schedule'],
}

/** Something that two people changed, each to something else. */
export interface Clash {
  id: string
  name: string
  yours: string
  theirs: string
}

export function clashesOf(before: Draft, yours: Draft, theirs: Draft): Clash[] {
  const others = new Map(differences(before, theirs).map((difference) => [difference.id, difference.to]))
  return differences(before, yours).flatMap(({ id = '', name, to }) => {
    const other = others.get(id)
    return other === undefined || other === to ? [] : [{ id, name, yours: to, theirs: other }]
  })
}

/** What somebody else left, with your changes on it; but where `conceded` has it, theirs. */
export function merged(before: Draft, yours: Draft, theirs: Draft, conceded: ReadonlySet<string>): Draft {
  const mine = differences(before, yours).flatMap(({ id }) => (id !== undefined && !conceded.has(id) ? [id] : []))
  const fields = mine.flatMap((id) => PARTS[id] ?? [])
  const variables = { ...theirs.variables }
  for (const id of mine) {
    if (!id.startsWith('variables.')) continue
    const name = id.slice('variables.'.length)
    const value = yours.variables[name]
    if (value) variables[name] = value
    else delete variables[name]
  }
  return { ...theirs, ...Object.fromEntries(fields.map((field) => [field, yours[field]])), variables }
}
