import type { QueryClient } from '@tanstack/react-query'
import type { Seen } from './client'

/** Puts one object as the platform answered it into a list that is shown, unless the list has a newer one already. */
export function put<T extends { name: string; revision: number }>(client: QueryClient, queryKey: readonly unknown[], object: T, same: (other: T) => boolean): void {
  client.setQueryData<Seen<T[]>>(queryKey, (seen) => {
    if (!seen) return seen
    const before = seen.value.find(same)
    if (before && before.revision > object.revision) return seen
    const others = seen.value.filter((other) => !same(other))
    return { ...seen, value: [...others, object].sort((a, b) => a.name.localeCompare(b.name)) }
  })
}
