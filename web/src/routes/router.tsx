import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { ApiError } from '@/api/error'
import { deploymentsQuery, topicsQuery } from '@/api/queries'
import type { DeploymentTab } from '@/features/deployment/deployment-views'
import type { HistorySearch } from '@/features/history/history-view'
import type { LogsSearch } from '@/features/logs/search'
import type { RangeSearch } from '@/features/metrics/range'
import { GROUPS, type StatusGroup } from '@/features/pipeline/status'
import type { TopicSearch } from '@/features/topic/topic-views'
import { NotFound } from '@/features/shell/not-found'
import { Failure } from '@/components/failure'
import { Toasts } from '@/components/toasts'
import { rememberPlace, visited } from '@/features/sign-in/place'

/** A refusal for want of a session, from whatever was asked, leads to signing in; then the work goes on here. */
function onFailure(error: unknown): void {
  if (!(error instanceof ApiError) || !error.signedOut) return
  if (router.state.location.pathname.endsWith('/sign-in')) return
  rememberPlace(router.state.location.href)
  void router.navigate({ to: '/sign-in', search: visited.get() ? { expired: true } : {} })
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onFailure }),
  mutationCache: new MutationCache({ onError: onFailure }),
  defaultOptions: {
    queries: {
      // Refusals stay refusals; what cannot be reached may come back.
      retry: (times, error) => times < 2 && !(error instanceof ApiError && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
})

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: NotFound,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/pipeline' })
  },
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { expired?: boolean } => (search.expired ? { expired: true } : {}),
  component: lazyRouteComponent(() => import('@/features/sign-in/sign-in-page')),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  validateSearch: (search: Record<string, unknown>): { workspace?: string } => text(search, 'workspace'),
  component: lazyRouteComponent(() => import('@/features/shell/shell')),
})

/** What the page will ask for is on its way while its code is. */
function prefetchLists(workspace: string | undefined): void {
  if (!workspace) return
  void queryClient.prefetchQuery(deploymentsQuery(workspace))
  void queryClient.prefetchQuery(topicsQuery(workspace))
}

interface PipelineSearch {
  workspace?: string
  deployment?: string
  topic?: string
  tab?: 'logs' | 'build'
}

const pipeline = createRoute({
  getParentRoute: () => shell,
  path: '/pipeline',
  validateSearch: (search: Record<string, unknown>): PipelineSearch => ({
    ...text(search, 'workspace'),
    ...text(search, 'deployment'),
    ...text(search, 'topic'),
    ...(search.tab === 'build' || search.tab === 'logs' ? { tab: search.tab } : {}),
  }),
  loaderDeps: ({ search: { workspace } }) => ({ workspace }),
  loader: ({ deps: { workspace } }) => prefetchLists(workspace),
  component: lazyRouteComponent(() => import('./pipeline')),
})

interface DeploymentsSearch {
  workspace?: string
  /** What the list is narrowed to. */
  q?: string
  status?: StatusGroup
  sort?: string
}

const isGroup = (status: unknown): status is StatusGroup => typeof status === 'string' && Object.hasOwn(GROUPS, status)

const deployments = createRoute({
  getParentRoute: () => shell,
  path: '/deployments',
  validateSearch: (search: Record<string, unknown>): DeploymentsSearch => ({
    ...text(search, 'workspace'),
    ...text(search, 'q'),
    ...(isGroup(search.status) && { status: search.status }),
    ...text(search, 'sort'),
  }),
  loaderDeps: ({ search: { workspace } }) => ({ workspace }),
  loader: ({ deps: { workspace } }) => prefetchLists(workspace),
  component: lazyRouteComponent(() => import('./deployments')),
})

interface DeploymentSearch extends RangeSearch, LogsSearch, HistorySearch {
  workspace?: string
  tab?: DeploymentTab
  /** Whose messages are shown. */
  topic?: string
  /** From where they are read. */
  at?: string
}

const DEPLOYMENT_TABS: DeploymentTab[] = ['logs', 'build', 'messages', 'metrics', 'history']

const deployment = createRoute({
  getParentRoute: () => shell,
  path: '/deployments/$deploymentId',
  validateSearch: (search: Record<string, unknown>): DeploymentSearch => {
    const tab = DEPLOYMENT_TABS.find((each) => each === search.tab)
    return {
      ...texts(search, 'workspace', 'topic', 'at', 'range', 'from', 'to', 'version', 'against', 'replica', 'attempt', 'find', 'level', 'since', 'context'),
      ...flags(search, 'utc', 'split', 'regex', 'caseSensitive'),
      ...(tab && { tab }),
      ...(search.mode === 'search' && { mode: search.mode }),
    }
  },
  loaderDeps: ({ search: { workspace } }) => ({ workspace }),
  loader: ({ deps: { workspace } }) => prefetchLists(workspace),
  component: lazyRouteComponent(() => import('./deployment')),
})

const viewOf = ({ view }: Record<string, unknown>): Pick<TopicSearch, 'view'> => (view === 'consumers' || view === 'metrics' ? { view } : {})

interface TopicsSearch extends TopicSearch {
  workspace?: string
  /** What the list is narrowed to. */
  q?: string
  sort?: string
  /** Whether topics that client libraries keep for themselves are listed. */
  internal?: true
  topic?: string
}

const topics = createRoute({
  getParentRoute: () => shell,
  path: '/topics',
  validateSearch: (search: Record<string, unknown>): TopicsSearch => ({
    ...texts(search, 'workspace', 'q', 'sort', 'topic', 'at', 'range', 'from', 'to'),
    ...flags(search, 'internal', 'utc'),
    ...viewOf(search),
  }),
  loaderDeps: ({ search: { workspace } }) => ({ workspace }),
  loader: ({ deps: { workspace } }) => prefetchLists(workspace),
  component: lazyRouteComponent(() => import('./topics')),
})

const topic = createRoute({
  getParentRoute: () => shell,
  path: '/topics/$topicName',
  validateSearch: (search: Record<string, unknown>): TopicSearch & { workspace?: string } => ({
    ...texts(search, 'workspace', 'at', 'range', 'from', 'to'),
    ...flags(search, 'utc'),
    ...viewOf(search),
  }),
  loaderDeps: ({ search: { workspace } }) => ({ workspace }),
  loader: ({ deps: { workspace } }) => prefetchLists(workspace),
  component: lazyRouteComponent(() => import('./topic')),
})

function texts<K extends string>(search: Record<string, unknown>, ...names: K[]): { [key in K]?: string } {
  return Object.assign({}, ...names.map((name) => text(search, name)))
}

function flags<K extends string>(search: Record<string, unknown>, ...names: K[]): { [key in K]?: true } {
  return Object.fromEntries(names.filter((name) => search[name] === true).map((name) => [name, true])) as { [key in K]?: true }
}

/** A search parameter as text; the address may have been typed by hand. */
function text<K extends string>(search: Record<string, unknown>, name: K): { [key in K]?: string } {
  const value = search[name]
  return (typeof value === 'string' && value) || typeof value === 'number' ? ({ [name]: String(value) } as { [key in K]?: string }) : {}
}

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, shell.addChildren([pipeline, deployments, deployment, topics, topic])]),
  basepath: '/app',
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => <Failure title="This page failed" error={error} onRetry={reset} />,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
