import type { LogScope } from '@/api/log-query'
import type { Deployment } from '@/api/types'

/**
 * What is followed when no version is asked for: the newest. But after the platform went back by itself the newest is the
 * one that failed, and an older one writes on.
 */
export function followed({ rollback }: Deployment, scope: LogScope = {}): LogScope {
  return rollback && scope.version === undefined ? { ...scope, version: rollback.to } : scope
}
