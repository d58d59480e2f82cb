const LONGEST = 249

/** Why a topic cannot be called so, in the platform's words; nothing when it can. */
export function refusedName(name: string, taken: Set<string>): string | undefined {
  if (name === '') return 'a topic needs a name'
  if (name.length > LONGEST) return `a topic name has at most ${LONGEST} characters; this one has ${name.length}`
  if (name === '.' || name === '..') return "'.' and '..' are not topic names"
  const [odd] = /[^A-Za-z0-9._-]/u.exec(name) ?? []
  if (odd) return `'${odd}' is not allowed in a topic name; use letters, digits, '.', '_' and '-'`
  return taken.has(name) ? `Topic with name similar to '${name}' already exists.` : undefined
}
