// Visits every screen at both sizes in both themes, and judges each.
// node matrix.mjs chromium|firefox SIGN_IN_URL WORLD.json|empty PICTURES_FOLDER
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { play, tell } from './meeting.mjs'
import { barriers, cutOff, drawn } from './judge.mjs'
import { empty, MAIN, plant } from './screens.mjs'

const [engine, signIn, world, pictures] = process.argv.slice(2)
const origin = new URL(signIn).origin
const LOOKS = ['dark', 'light'].flatMap((scheme) => [[1440, 900], [1024, 768]].map(([width, height]) => ({ scheme, width, height })))
/** That the other engine lays out and colours as this one is seen on two. */
const looks = engine === 'chromium' ? LOOKS : [LOOKS[0], LOOKS[3]]
/** Axe takes its time: a narrow page has what a wide one has, so that one theme is enough for it. */
const judged = ({ scheme, width }) => width === 1440 || scheme === 'light'

/** What is wrong with a screen, a line each with the themes and sizes in which it is. */
async function visit(window, { name, path, stands, open, then = [], fleeting, expects }) {
  const wrong = new Map()
  const note = (fault, where = '') => wrong.set(fault, [...(wrong.get(fault) ?? []), where])
  try {
    await window.size(1440, 900)
    await window.goto(`${origin}/app${path}`)
    for (const what of stands) await window.see(what)
    if (!fleeting) await open?.(window)
    for (const look of looks) {
      const { scheme, width, height } = look
      await window.scheme(scheme)
      await window.size(width, height)
      if (fleeting) {
        await window.press('Escape')
        await open(window)
      }
      for (const what of then) await window.see(what)
      await drawn(window)
      await window.picture(join(pictures, `${name}-${scheme}-${width}.png`))
      for (const fault of [...(await cutOff(window)), ...(judged(look) ? await barriers(window) : [])]) note(fault, `${scheme} ${width}`)
    }
  } catch (error) {
    await window.picture(join(pictures, `${name}-failed.png`)).catch(() => {})
    note(error.message)
  }
  for (const complaint of window.complaints.take(expects)) note(complaint)
  return [...wrong].map(([fault, places]) => `${name}: ${fault} ${[...new Set(places)].join(', ')}`)
}

await play(async () => {
  mkdirSync(pictures, { recursive: true })
  const browser = await (await import(`./${engine}.mjs`)).start()
  const person = await browser.person()
  const window = await person.window()
  await window.goto(signIn)
  await window.until(() => location.pathname.endsWith('/pipeline'))
  const all = world === 'empty' ? empty() : plant(JSON.parse(readFileSync(world, 'utf8')))
  const wanted = process.env.SCREENS?.split(',')
  const screens = all.filter(({ name }) => (wanted ? wanted.includes(name) : engine === 'chromium' || MAIN.includes(name)))
  const wrong = []
  const began = performance.now()
  for (const screen of screens) wrong.push(...(await visit(window, screen)))
  tell(`${screens.length} screens in ${browser.version}, ${Math.round((performance.now() - began) / 1000)} s`)
  await browser.close()
  if (wrong.length > 0) throw new Error(`${wrong.length} faults:\n${wrong.join('\n')}`)
})
