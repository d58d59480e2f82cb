import type { Deployment } from '@/api/types'

/** The tag that was chosen, or the commit in seven digits. */
export function versionText({ gitTag, gitReference }: Pick<Deployment, 'gitTag' | 'gitReference'>): string {
  return gitTag ?? gitReference.slice(0, 7)
}
