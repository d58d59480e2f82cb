const NAME = 'headwater.place'

/** Where the person was when the session ended. Kept over tabs: the fresh link may open in another. */
export function rememberPlace(href: string): void {
  try {
    localStorage.setItem(NAME, href)
  } catch {
    // Then the pipeline is where one goes on.
  }
}

/** That place, once. Only places of the Portal itself: the address could be set by others. */
export function takePlace(): string | undefined {
  try {
    const href = localStorage.getItem(NAME) ?? undefined
    localStorage.removeItem(NAME)
    return href?.startsWith('/') && !href.startsWith('//') ? href : undefined
  } catch {
    return undefined
  }
}
