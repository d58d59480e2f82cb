// Debian's Firefox, by Puppeteer over WebDriver BiDi: Playwright drives only a Firefox of its own.
import puppeteer from 'puppeteer-core'
import { Complaints } from './complaints.mjs'
import { told } from './told.mjs'
import { PATIENCE } from './chromium.mjs'

/** Starts it; each `person()` is a session of its own. */
export async function start() {
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true,
    defaultViewport: { width: 1440, height: 900 },
    extraPrefsFirefox: { 'ui.prefersReducedMotion': 1, 'ui.systemUsesDarkTheme': 1 },
  })
  return {
    name: 'firefox',
    version: await browser.version(),
    async person() {
      const context = await browser.createBrowserContext()
      return { context, window: async () => told(new FirefoxWindow(await context.newPage())), close: () => context.close() }
    },
    close: () => browser.close(),
  }
}

const shown = ({ text, css, there }) => {
  if (text) return document.body.innerText.includes(text)
  const element = document.querySelector(css)
  return element !== null && (there || element.checkVisibility())
}

class FirefoxWindow {
  engine = 'firefox'

  constructor(page) {
    this.page = page
    this.complaints = new Complaints()
    page.setDefaultTimeout(PATIENCE)
    page.on('console', (message) => message.type() === 'error' && this.complaints.console(message.text(), message.location().url))
    page.on('pageerror', (error) => this.complaints.thrown(error.stack ?? String(error)))
    page.on('requestfailed', (request) => this.complaints.failed(request.url(), request.failure()?.errorText ?? ''))
    page.on('response', (response) => this.complaints.answered(response.url(), response.status()))
  }

  /** Asks anew until it is there: Puppeteer's own locators miss what comes while they look. */
  async #find({ role, name, css }, use = () => undefined) {
    const selector = role ? `::-p-aria([name=${JSON.stringify(name)}][role="${role}"])` : css
    const end = Date.now() + PATIENCE
    for (let last = 'it is not there'; ; await new Promise((wait) => setTimeout(wait, 100))) {
      try {
        const element = await this.page.$(selector)
        if (await element?.isVisible()) return await use(element)
      } catch (error) {
        last = error.message
      }
      if (Date.now() > end) throw new Error(last)
    }
  }

  goto = (url) => this.page.goto(url)
  see = (what) => what.role ? this.#find(what) : this.until(shown, what)
  gone = (what) => this.until((what) => what.text ? !document.body.innerText.includes(what.text) : !document.querySelector(what.css)?.checkVisibility(), what)
  click = (what) => this.#find(what, (element) => element.click())
  fill = (what, value) => this.#find(what, async (element) => {
    await element.click({ count: 3 })
    await this.page.keyboard.type(value)
  })
  async press(keys) {
    const held = keys.split('+')
    const key = held.pop()
    for (const each of held) await this.page.keyboard.down(each)
    await this.page.keyboard.press(key)
    for (const each of held.reverse()) await this.page.keyboard.up(each)
  }
  run = (work, argument) => this.page.evaluate(work, argument)
  until = (work, argument) => this.page.waitForFunction(work, { polling: 100 }, argument)
  picture = (path) => this.page.screenshot({ path })
  /** As the person's own choice: BiDi cannot pretend a system's. */
  scheme = (theme) => this.page.evaluate((theme) => {
    localStorage.setItem('headwater.theme', theme)
    document.documentElement.dataset.theme = theme
  }, theme)
  size = (width, height) => this.page.setViewport({ width, height })
  close = () => this.page.close()
}
