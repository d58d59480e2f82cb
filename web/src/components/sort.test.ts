import { expect, it } from 'vitest'
import { readSort, sorted, writeSort } from './sort'

const usual = { by: 'name', down: false }

it('stands in the address, unless it is the usual order', () => {
  expect(readSort(undefined, usual)).toEqual(usual)
  expect(readSort('-in', usual)).toEqual({ by: 'in', down: true })
  expect(writeSort({ by: 'in', down: true }, usual)).toBe('-in')
  expect(writeSort(usual, usual)).toBeUndefined()
})

it('orders by a rank, equal ones by name, and numbers in names as numbers', () => {
  const rows = [{ name: 'b', size: 1 }, { name: 'a10', size: 2 }, { name: 'a9', size: 2 }]
  const names = (by: string, down: boolean) => sorted(rows, { by, down }, { size: (row) => row.size }, (row) => row.name).map(({ name }) => name)
  expect(names('name', false)).toEqual(['a9', 'a10', 'b'])
  expect(names('size', true)).toEqual(['a9', 'a10', 'b'])
  expect(names('size', false)).toEqual(['b', 'a9', 'a10'])
  expect(names('nonsense', false)).toEqual(['a9', 'a10', 'b'])
})
