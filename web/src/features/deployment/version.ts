import type { Deployment } from '@/api/types'

/** `a1b2c3d` of a commit, a tag as it is. */
export function versionText({ gitReference }: Pick<Deployment, 'gitReference'>): string {
  return /^[0-9a-f]{40}$/.test(gitReference) ? gitReference.slice(0, 7) : gitReference
}
