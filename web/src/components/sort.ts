/** How a list is ordered. In addresses `name`, or `-name` for the other way round. */
export interface Sort {
  by: string
  down: boolean
}

export function readSort(text: string | undefined, usual: Sort): Sort {
  if (!text) return usual
  return text.startsWith('-') ? { by: text.slice(1), down: true } : { by: text, down: false }
}

/** The address's form; nothing for the usual order. */
export function writeSort(sort: Sort, usual: Sort): string | undefined {
  if (sort.by === usual.by && sort.down === usual.down) return undefined
  return `${sort.down ? '-' : ''}${sort.by}`
}

type Rank = string | number

/** The rows in order. Equal ones stand by name, so that nothing jumps. */
export function sorted<T>(rows: T[], { by, down }: Sort, ranks: Record<string, (row: T) => Rank>, nameOf: (row: T) => string): T[] {
  const rank = ranks[by] ?? nameOf
  const sign = down ? -1 : 1
  return rows.toSorted((a, b) => sign * compare(rank(a), rank(b)) || compare(nameOf(a), nameOf(b)))
}

function compare(a: Rank, b: Rank): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })
}
