import { delay, HttpResponse } from 'msw'

/** How the pretended platform answers. */
export interface Ways {
  /** Pause before each answer, in milliseconds. */
  lag: number
  /** Links that still work. */
  links: Set<string>
  signedIn: boolean
}

let requests = 0

export function refuse(status: number, code: string, message: string, hint?: string) {
  requests += 1
  const requestId = `01JGX${String(requests).padStart(8, '0')}`
  return HttpResponse.json({ code, message, hint, requestId, correlationId: requestId }, { status })
}

export const missing = (what: string, id: unknown) => refuse(404, 'not-found', `There is no ${what} '${String(id)}'.`)

/** Environments called so are for looking only. */
export const readOnly = (workspaceId: string) => workspaceId.endsWith('-readonly')

/** The refusal that a request gets before anything else is looked at, if any. */
export async function gate(ways: Ways, change?: { ws: string; what: string; verb: string }) {
  if (ways.lag > 0) await delay(ways.lag)
  if (!ways.signedIn) return refuse(401, 'unauthorised', 'User is not authenticated.')
  if (change && readOnly(change.ws)) return refuse(403, 'forbidden', `You may not ${change.verb} this ${change.what}.`)
  return undefined
}
