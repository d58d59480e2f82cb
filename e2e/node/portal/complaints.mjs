// What a window's console and network complained of.

const CUT = /WebSocket|net::ERR_|NS_ERROR|NetworkError|Failed to fetch|Failed to load resource: net/

export class Complaints {
  #all = []
  /** While the platform is away, that it cannot be reached is no complaint. */
  away = false

  console(text, url) {
    // Told with its address by `answered`.
    if (/^Failed to load resource: the server responded/.test(text)) return
    this.#add(`console: ${text} ${url ?? ''}`)
  }

  thrown(stack) {
    this.#all.push(`thrown: ${stack}`)
  }

  failed(url, why) {
    // What a page that is left no longer waits for.
    if (/ERR_ABORTED|NS_BINDING_ABORTED|aborted/i.test(why)) return
    this.#add(`failed: ${url} ${why}`)
  }

  answered(url, status) {
    if (status >= 400 && !(this.away && status === 503)) this.#all.push(`answered ${status}: ${url}`)
  }

  #add(complaint) {
    if (!(this.away && CUT.test(complaint))) this.#all.push(complaint)
  }

  /** All but what was expected; and forgets them. */
  take(expected = /(?!)/) {
    return this.#all.splice(0).filter((complaint) => !expected.test(complaint))
  }
}
