import { remembered } from '@/components/storage'

/** Where the person was when the session ended. Kept over tabs: the fresh link may open in another. */
export function rememberPlace(href: string): void {
  remembered.set('place', href)
}

/** That place, once. Only places of the Portal itself: the address could be set by others. */
export function takePlace(): string | undefined {
  const href = remembered.get('place')
  remembered.set('place', null)
  return href?.startsWith('/') && !href.startsWith('//') ? href : undefined
}

/** Whether somebody has been signed in with this browser and has not signed out. */
export const visited = {
  get: () => remembered.get('signed-in') !== null,
  set: (signedIn: boolean) => remembered.set('signed-in', signedIn ? 'yes' : null),
}
