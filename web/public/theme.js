// Runs before the first paint, so that a page never flashes in the wrong theme. Kept outside the bundle: a strict
// content security policy forbids inline scripts.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('headwater.theme')
  } catch (_) {
    // Storage may be forbidden; the system's theme is used.
  }
  var light = chosen === 'light' || (chosen !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
