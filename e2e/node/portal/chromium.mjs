// Debian's Chromium, by Playwright.
import { chromium } from 'playwright-core'
import { Complaints } from './complaints.mjs'
import { told } from './told.mjs'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-prefers-reduced-motion']
export const PATIENCE = Number(process.env.PATIENCE ?? 60_000)

/** Starts it; each `person()` is a session of its own. */
export async function start() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS })
  return {
    name: 'chromium',
    version: browser.version(),
    async person() {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
      context.setDefaultTimeout(PATIENCE)
      return { context, window: async () => told(new ChromiumWindow(await context.newPage())), close: () => context.close() }
    },
    close: () => browser.close(),
  }
}

class ChromiumWindow {
  engine = 'chromium'

  constructor(page) {
    this.page = page
    this.complaints = new Complaints()
    page.on('console', (message) => message.type() === 'error' && this.complaints.console(message.text(), message.location().url))
    page.on('pageerror', (error) => this.complaints.thrown(error.stack ?? String(error)))
    page.on('requestfailed', (request) => this.complaints.failed(request.url(), request.failure()?.errorText ?? ''))
    page.on('response', (response) => this.complaints.answered(response.url(), response.status()))
  }

  #find({ role, name, text, css }) {
    if (role) return this.page.getByRole(role, { name, exact: true })
    return (text ? this.page.getByText(text) : this.page.locator(css)).first()
  }

  goto = (url) => this.page.goto(url)
  see = (what) => this.#find(what).first().waitFor({ state: what.there ? 'attached' : 'visible' })
  gone = (what) => this.#find(what).first().waitFor({ state: 'hidden' })
  click = (what) => this.#find(what).first().click()
  fill = (what, value) => this.#find(what).fill(value)
  press = (key) => this.page.keyboard.press(key)
  run = (work, argument) => this.page.evaluate(work, argument)
  until = (work, argument) => this.page.waitForFunction(work, argument, { polling: 100 })
  picture = (path) => this.page.screenshot({ path })
  scheme = (colorScheme) => this.page.emulateMedia({ colorScheme })
  size = (width, height) => this.page.setViewportSize({ width, height })
  close = () => this.page.close()
}
