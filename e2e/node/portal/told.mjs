import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PICTURES = process.env.E2E_PICTURES ?? fileURLToPath(new URL('../../artifacts', import.meta.url))

/** The same window, whose failures tell what was asked of it and leave a picture. */
export function told(window) {
  return new Proxy(window, {
    get(target, name) {
      const own = target[name]
      if (typeof own !== 'function') return own
      return async (...asked) => {
        try {
          return await own.apply(target, asked)
        } catch (error) {
          mkdirSync(PICTURES, { recursive: true })
          const picture = join(PICTURES, `failed-${target.engine}.png`)
          await target.picture(picture).catch(() => {})
          const what = asked.map((each) => (typeof each === 'function' ? `${each}` : JSON.stringify(each))).join(', ').slice(0, 300)
          throw new Error(`${target.engine}: ${String(name)}(${what}) at ${target.page.url()}: ${error.message}; see ${picture}`, { cause: error })
        }
      }
    },
  })
}
