/** A refusal or failure of the platform, in the words that it gave. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
    readonly requestId?: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** Whether the session is over, so that signing in again is what helps. */
  get signedOut(): boolean {
    return this.status === 401
  }
}

interface Body {
  code?: string
  message?: string
  hint?: string | null
  requestId?: string
}

/** Reads a failed answer. A body that is not the platform's (a proxy's page) still gives a useful sentence. */
export function fromAnswer(status: number, body: unknown): ApiError {
  const { code, message, hint, requestId }: Body = body && typeof body === 'object' ? body : {}
  const grant = status === 403 ? 'An administrator of the organisation can grant it.' : undefined
  const text = message ?? `The platform answered with status ${status}.`
  return new ApiError(status, code ?? 'unknown', text, hint ?? grant, requestId)
}

/** What went wrong, for any thrown value: a failed `fetch` throws a TypeError with a browser's own words. */
export function explain(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof TypeError) {
    return new ApiError(0, 'unreachable', 'The platform cannot be reached.', 'Check that it runs; this page tries again by itself.')
  }
  return new ApiError(0, 'unknown', error instanceof Error ? error.message : String(error))
}

/** The input that the platform refuses, and its words, when the refusal is about one: `partitions: can only grow`. */
export function refusedField(error: unknown): { field: string; message: string } | undefined {
  if (!(error instanceof ApiError) || error.status !== 400) return undefined
  const [, field, message] = /^([a-z]\w*): (.+)/s.exec(error.message) ?? []
  return field && message ? { field, message } : undefined
}
