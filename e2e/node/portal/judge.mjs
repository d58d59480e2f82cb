// Whether a page as it stands is fit to be seen: by axe, and by what lies outside of it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Serious and critical findings of axe, a line each. */
export async function barriers(window) {
  if (!(await window.run(() => 'axe' in globalThis))) await window.run(`${AXE};0`)
  return await window.run(async () => {
    // Axe sees that a dialog keeps the focus to itself, but not that a menu does.
    const menu = document.querySelector('[role=menu]') !== null
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'], rules: { 'aria-hidden-focus': { enabled: !menu } } })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, html, failureSummary }) => `${id} at ${target}: ${html.slice(0, 160)} ${failureSummary.split('\n')[1]?.trim() ?? ''}`))
  })
}

/** What cannot be seen or reached because it lies beside the page or is cut off, a line each. */
export async function cutOff(window) {
  return await window.run(() => {
    const found = []
    const name = (element) => `<${element.tagName.toLowerCase()}> ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60)}`
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
    if (wide > 0) found.push(`the page is ${wide} pixels too wide`)
    for (const element of document.querySelectorAll('main *, [role=dialog] *, [role=menu] *')) {
      if (!['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || element.matches('pre, [role=log]')) continue
      const hidden = element.scrollWidth - element.clientWidth
      if (hidden > 1 && element.clientWidth > 1) found.push(`${name(element)} has ${hidden} pixels at its side: ${element.className}`)
    }
    for (const element of document.querySelectorAll('button, a, input, select, textarea, [role=tab]')) {
      if (!element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue
      // A canvas is moved, and text that is scrolled is meant to be; only to be read aloud is not to be seen.
      if (element.closest('.canvas, pre, [role=log], .sr-only')) continue
      const own = element.getBoundingClientRect()
      if (own.width <= 1) continue
      if (own.left < -1 || own.right > innerWidth + 1) found.push(`${name(element)} lies beside the page`)
      for (let around = element.parentElement; around; around = around.parentElement) {
        const { overflowX } = getComputedStyle(around)
        if (overflowX === 'visible') continue
        const edge = around.getBoundingClientRect()
        if (own.right <= edge.right + 1 && own.left >= edge.left - 1) continue
        found.push(`${name(element)} is cut off by ${name(around).slice(0, 20)}.${around.className}`)
        break
      }
    }
    return found
  })
}

/** Two frames later: what a change of size or colour leads to is drawn. */
export const drawn = (window) => window.run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))))
