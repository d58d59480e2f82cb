import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { details } from '@/api/details'
import { Button } from '@/components/button'
import { Failure } from '@/components/failure'
import { bytes, count } from '@/components/format'
import { asks, type LogsSearch, queryOf, scopeOf, wantedOf } from './search'
import { SearchForm } from './search-form'
import { SearchResults } from './search-results'

interface Props {
  deploymentId: string
  search: LogsSearch
  onSearch: (search: LogsSearch) => void
}

/** Calls that are made by themselves while nothing was found; then one is asked. */
const ROUNDS = 20

function useFound(deploymentId: string, search: LogsSearch) {
  const { find, regex, caseSensitive, level, since, from, to, context } = search
  const asked = { ...scopeOf(search), find, regex, caseSensitive, level, since, from, to, context }
  // One moment for all pages of a search.
  const now = useMemo(() => Date.now(), [JSON.stringify(asked)])
  return useInfiniteQuery({
    queryKey: ['log-search', deploymentId, asked],
    queryFn: ({ pageParam, signal }) => details.searchLogs(deploymentId, { ...queryOf(search, now), ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.cursor ?? undefined,
    enabled: asks(search),
    staleTime: 30_000,
    refetchOnReconnect: false,
  })
}

function Waiting() {
  return (
    <div role="status" aria-busy="true" aria-label="Searching" className="grid gap-2 p-3">
      {[0, 1, 2, 3, 4].map((i) => (
        <div key={i} className="skeleton h-3" />
      ))}
    </div>
  )
}

/** Looks for lines in all output that is kept. */
export default function LogSearch({ deploymentId, search, onSearch }: Props) {
  const { data, error, isFetching, hasNextPage, fetchNextPage, refetch } = useFound(deploymentId, search)
  const pages = data?.pages ?? []
  const last = pages.at(-1)
  const matches = useMemo(() => (data?.pages ?? []).flatMap((page) => page.matches), [data])
  const scanned = pages.reduce((sum, page) => sum + page.scannedBytes, 0)
  const wanted = useMemo(() => wantedOf(search), [search])

  // One call looks at so much only; while nothing was found the search goes on by itself.
  const onward = hasNextPage && !isFetching && !error && last?.complete === false && matches.length === 0 && pages.length < ROUNDS
  useEffect(() => {
    if (onward) void fetchNextPage()
  }, [onward, fetchNextPage])

  const more = hasNextPage && (
    <Button className="h-7" disabled={isFetching} onClick={() => void fetchNextPage()}>
      {isFetching ? 'Searching…' : last?.complete === false ? 'Search further back' : 'Load more'}
    </Button>
  )
  return (
    <div className="flex h-full min-h-0 flex-col">
      <SearchForm key={`${search.find}`} search={search} busy={isFetching} onSearch={onSearch} />
      {!asks(search) ? (
        <p className="p-4 text-muted">Give a text, a level or a time. All output that is kept is searched, of every version and run.</p>
      ) : error && !data ? (
        <Failure title="The logs cannot be searched" error={error} onRetry={() => void refetch()} />
      ) : !data || (matches.length === 0 && isFetching) ? (
        <Waiting />
      ) : (
        <>
          {matches.length > 0 ? <SearchResults matches={matches} wanted={wanted} /> : <p className="grow p-4 text-muted">No line is like that{hasNextPage ? ' so far' : ''}.</p>}
          <div role="status" className="flex h-9 shrink-0 items-center gap-3 border-t border-line px-3 text-xs text-muted">
            <span>
              {count(matches.length)} {matches.length === 1 ? 'line' : 'lines'} · {bytes(scanned)} searched{!hasNextPage && ', that is all'}
            </span>
            {error && <span className="text-warn">The next could not be read.</span>}
            <span className="ml-auto">{more}</span>
          </div>
        </>
      )}
    </div>
  )
}
