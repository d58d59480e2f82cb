// Two people at once, each in a browser of their own: what one changes the other sees, without loading the page anew;
// and both may edit one deployment.
// node people.mjs SECOND_ENGINE SIGN_IN_URL SIGN_IN_URL WORLD.json
import { readFileSync } from 'node:fs'
import { css, role, text } from './finding.mjs'
import { meet, play, tell } from './meeting.mjs'

const [second, ...links] = process.argv.slice(2)
const { deployments: ids } = JSON.parse(readFileSync(links.pop(), 'utf8'))
const row = (name) => `[role=row][aria-label="${name}"]`
/** Greetings that nobody else uses. */
const [morning, evening] = ['morning', 'evening'].map((time) => `good ${time}, ${process.pid}`)
const EDIT = css('[role=dialog] form')

/** Opens a page, and marks it: the mark is gone if it is ever loaded anew. */
async function at(person, path) {
  await person.window.goto(`${person.origin}/app${path}`)
  await person.window.run(() => void (globalThis.marked = true))
}
const unmoved = async ({ window, name }) => {
  if (!(await window.run(() => globalThis.marked === true))) throw new Error(`${name}'s page was loaded anew`)
}
const says = (window, selector, words) =>
  window.until(({ selector, words }) => document.querySelector(selector)?.textContent.includes(words), { selector, words })

await play(async () => {
  const browsers = [await (await import('./chromium.mjs')).start(), await (await import(`./${second}.mjs`)).start()]
  const people = []
  for (const [i, name] of ['Ada', 'Grace'].entries()) {
    const { window } = { window: await (await browsers[i].person()).window() }
    const person = { name, window, origin: new URL(links[i]).origin }
    await window.goto(links[i])
    await window.until(() => location.pathname.endsWith('/pipeline'))
    people.push(person)
  }
  const [ada, grace] = people

  // Stopped by one, seen stopped by the other; started by the other, seen running by the one.
  await at(ada, `/deployments/${ids.Gauge}`)
  await at(grace, '/deployments')
  await says(grace.window, row('Gauge'), 'Running')
  await ada.window.click(role('button', 'Stop'))
  await says(grace.window, row('Gauge'), 'Stopped')
  await grace.window.click(role('button', 'Actions of Gauge'))
  await grace.window.click(role('menuitem', 'Start'))
  await says(ada.window, 'main header', 'Running')
  await unmoved(ada)
  await unmoved(grace)

  // Created by one, listed to the other; deleted by the other, gone from the first.
  await at(ada, '/topics?q=made-by')
  await at(grace, '/topics?q=made-by')
  await ada.window.see(text('No topic, and no deployment'))
  await grace.window.click(role('button', 'Create topic'))
  await grace.window.see(EDIT)
  await grace.window.fill(role('textbox', 'Name'), 'made-by-grace')
  await grace.window.click(css('[role=dialog] button[type=submit]'))
  await ada.window.see(css(row('made-by-grace')))
  await ada.window.click(role('button', 'Actions of made-by-grace'))
  await ada.window.click(role('menuitem', 'Delete…'))
  await ada.window.click(role('button', 'Delete topic and records'))
  await grace.window.gone(css(row('made-by-grace')))
  await unmoved(ada)
  await unmoved(grace)

  // Both edit one deployment: Grace saves first, Ada is told while she types and decides whose greeting stands.
  for (const person of people) {
    await at(person, `/deployments/${ids.Gauge}`)
    await person.window.click(role('button', 'Edit'))
    await person.window.see(EDIT)
  }
  await ada.window.fill(role('textbox', 'greeting'), morning)
  await grace.window.fill(role('textbox', 'greeting'), evening)
  await grace.window.fill(role('spinbutton', 'Memory'), '160')
  await grace.window.click(role('button', 'Save changes'))
  await grace.window.gone(EDIT)
  const meanwhile = '[role=dialog] [aria-label="Changed meanwhile"]'
  await says(ada.window, meanwhile, 'changed this deployment')
  await says(ada.window, meanwhile, `you want ${morning}, they want ${evening}`)
  await ada.window.click(role('button', 'Save changes'))
  await ada.window.gone(EDIT)
  await says(grace.window, '[aria-label="Facts"]', morning)
  await unmoved(ada)
  await unmoved(grace)
  await meet('both edited')

  const wrong = people.flatMap(({ name, window }) => window.complaints.take().map((complaint) => `${name}: ${complaint}`))
  for (const browser of browsers) await browser.close()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  tell(`Ada in ${browsers[0].version}, Grace in ${browsers[1].version}`)
})
