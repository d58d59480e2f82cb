import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { handlers, type Ways } from '../mock/handlers'
import { scenes } from '../mock/scenes'
import type { World } from '../mock/world'
import { dismiss, toasts } from '../src/components/tell'
import { queryClient, router } from '../src/routes/router'
import { LivePlatform } from './live-platform'

/** The pretended platform of a test, and what was asked of it. */
export interface Platform {
  world: World
  ways: Ways
  live: LivePlatform
  /** Changes that were sent: `POST /path`, with their bodies. */
  sent: { what: string; body: unknown }[]
}

/** Stands a platform up for each test of a file. */
export function usePlatform(): Platform {
  const server = setupServer()
  const platform = { sent: [] } as unknown as Platform
  beforeAll(() => {
    server.listen({ onUnhandledRequest: 'error' })
    server.events.on('request:start', async ({ request }) => {
      if (request.method === 'GET') return
      const what = `${request.method} ${new URL(request.url).pathname}`
      const text = await request.clone().text()
      platform.sent.push({ what, body: text ? JSON.parse(text) : undefined })
    })
    // After msw, which takes sockets over, too.
    platform.live = new LivePlatform()
  })
  afterAll(() => server.close())
  beforeEach(() => {
    platform.world = scenes()
    platform.ways = { lag: 0, links: new Set(['good']), signedIn: true }
    platform.sent.length = 0
    server.use(...handlers(platform.world, platform.ways))
    platform.live.become(platform.world)
  })
  afterEach(async () => {
    cleanup()
    for (const { id } of toasts()) dismiss(id)
    // What is tried again later must not be asked of the next test's platform.
    await queryClient.cancelQueries()
    queryClient.clear()
    server.resetHandlers()
  })
  return platform
}

/** Opens an address of the Portal. */
export async function visit(path: string): Promise<void> {
  window.history.replaceState(null, '', path)
  router.history.replace(path)
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
  await act(() => router.load())
}

/** A row of a list. Looked up by its key: roles of a whole list take long to tell where nothing is laid out. */
export const row = (key: string): Promise<HTMLElement> =>
  waitFor(
    () => {
      const element = document.querySelector<HTMLElement>(`[data-row="${key}"]`)
      if (!element) throw new Error(`there is no row ${key}`)
      return element
    },
    { timeout: 5_000 },
  )

/** The keys of the rows that are drawn. */
export const rows = (): string[] => [...document.querySelectorAll<HTMLElement>('[data-row]')].flatMap((each) => each.dataset.row ?? [])

/** What the cells of a row say. */
export const cells = async (key: string): Promise<string[]> => [...(await row(key)).children].map((cell) => cell.textContent)

/** Opens the menu of a row and chooses from it. */
export async function choose(key: string, action: string): Promise<void> {
  fireEvent.click(within(await row(key)).getByRole('button', { name: /^Actions of / }))
  fireEvent.click(await screen.findByRole('menuitem', { name: action }))
}
