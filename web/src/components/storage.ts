/** What this browser remembers of the Portal's arrangement. Storage may be forbidden: then nothing is remembered. */
export const remembered = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`headwater.${name}`)
    } catch {
      return null
    }
  },
  set(name: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`headwater.${name}`)
      else localStorage.setItem(`headwater.${name}`, value)
    } catch {
      // Nothing depends on it.
    }
  },
}
