import { ApiError, fromAnswer } from './error'

/** A read answer and how new it is: changes of the workspace up to `asOf` are in it. */
export interface Seen<T> {
  asOf: number
  value: T
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal
}

async function send(path: string, { method = 'GET', body, signal }: Options): Promise<Response> {
  const headers = body === undefined ? undefined : { 'Content-Type': 'application/json' }
  const answer = await fetch(path, {
    method,
    signal,
    headers,
    credentials: 'same-origin',
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  if (!answer.ok) throw fromAnswer(answer.status, await answer.json().catch(() => undefined))
  return answer
}

async function read<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return undefined as T
  const text = await answer.text()
  try {
    return (text ? JSON.parse(text) : undefined) as T
  } catch {
    throw new ApiError(answer.status, 'unreadable', 'The platform gave an answer that is not JSON.')
  }
}

/** Asks and returns the answer's body. */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  return read<T>(await send(path, options))
}

/** Asks and returns the answer with its place in the workspace's changes. */
export async function callSeen<T>(path: string, options: Options = {}): Promise<Seen<T>> {
  const answer = await send(path, options)
  const asOf = Number(answer.headers.get('X-As-Of') ?? 0)
  return { asOf, value: await read<T>(answer) }
}
