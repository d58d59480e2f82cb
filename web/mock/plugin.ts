import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getResponse } from 'msw'
import type { Plugin } from 'vite'
import { handlers, type Ways } from './handlers.ts'
import { liveServer } from './live.ts'
import { scenes } from './scenes.ts'
import { setStatus } from './world.ts'

/** What the real platform sends with its pages, so that a violation shows up here already. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

type Next = () => void

/**
 * Serves the Portal over a pretended platform: `npm run dev:mock`, or `npm run preview:mock` for what was built.
 * Any link signs in but `used`; `POST /mock/{cut,lag/800,sign-out,fail/ID}` cut the live socket, slow answers
 * down, end the session, have a deployment fail.
 */
export function mockPlatform(): Plugin {
  const world = scenes()
  const ways: Ways = { lag: 0, links: new Set(['first']), signedIn: true }
  const answers = handlers(world, ways)
  const live = liveServer(world)

  const control = (path: string): boolean => {
    if (path === '/mock/cut') live.cut()
    else if (path === '/mock/sign-out') ways.signedIn = false
    else if (path.startsWith('/mock/lag/')) ways.lag = Number(path.slice(10))
    else if (path.startsWith('/mock/link/')) ways.links.add(path.slice(11))
    else if (path.startsWith('/mock/fail/')) setStatus(world, path.slice(11), 'RuntimeError', { statusReason: 'exit code 1: ConnectionError: the gateway does not answer' })
    else return false
    return true
  }
  const answer = async (request: IncomingMessage, response: ServerResponse, next: Next) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname.startsWith('/app') || url.pathname.startsWith('/@') || url.pathname === '/') return next()
    if (control(url.pathname)) return void response.writeHead(204).end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined
    const result = await getResponse(answers, new Request(url, { method: request.method, body, headers: { 'Content-Type': 'application/json' } }))
    if (!result) return next()
    response.writeHead(result.status, Object.fromEntries(result.headers)).end(await result.text())
  }
  const upgrade = (server: Server) =>
    server.on('upgrade', (request, stream, head) => {
      if (request.url?.startsWith('/live')) live.upgrade(request, stream, head)
    })

  return {
    name: 'headwater-mock-platform',
    configureServer(server) {
      server.middlewares.use((request, response, next) => void answer(request, response, next))
      if (server.httpServer) upgrade(server.httpServer as Server)
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        response.setHeader('Content-Security-Policy', POLICY)
        void answer(request, response, next)
      })
      upgrade(server.httpServer as Server)
    },
  }
}
