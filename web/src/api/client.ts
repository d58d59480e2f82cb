import createClient, { type FetchResponse } from 'openapi-fetch'
import { ApiError, fromAnswer } from './error'
import type { paths } from './generated/schema'

/** Requests by method and path, typed by the API's document. Looked up late, so that tests can stand in for `fetch`. */
export const client = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: (request) => globalThis.fetch(request),
})

/** A read answer and how new it is: changes of the workspace up to `asOf` are in it. */
export interface Seen<T> {
  asOf: number
  value: T
}

// openapi-fetch describes every answer by the operation that it belongs to; here any will do.
type Answer<T> = Promise<Pick<FetchResponse<any, any, any>, 'response' | 'error'> & { data?: T }>

async function settled<T>(answer: Answer<T>): Promise<{ data: T; response: Response }> {
  try {
    const { data, error, response } = await answer
    if (!response.ok) throw fromAnswer(response.status, error)
    return { data: data as T, response }
  } catch (error) {
    if (error instanceof SyntaxError) throw new ApiError(0, 'unreadable', 'The platform gave an answer that is not JSON.')
    throw error
  }
}

/** The answer's body, or the platform's refusal as an ApiError. */
export async function body<T>(answer: Answer<T>): Promise<T> {
  return (await settled(answer)).data
}

/** The answer's body with its place in the workspace's changes. */
export async function seen<T>(answer: Answer<T>): Promise<Seen<T>> {
  const { data, response } = await settled(answer)
  return { asOf: Number(response.headers.get('X-As-Of') ?? 0), value: data }
}
