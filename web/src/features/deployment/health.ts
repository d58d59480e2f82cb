import type { HealthCheck } from '@/api/types'

export const TIMEOUT = [5, 3600] as const

/** When a replica counts as well: `HTTP /healthz answers within 30 s`. */
export function healthWords({ type, path, timeoutSeconds }: HealthCheck): string {
  const what = { Process: 'the process runs', Tcp: 'its port accepts', Http: `HTTP ${path ?? '/'} answers`, Consumed: 'it has read an input topic' }[type]
  return `${what ?? type} within ${timeoutSeconds ?? 60}\u00a0s`
}
