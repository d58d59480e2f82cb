import { expect, it } from 'vitest'
import { levelOf } from './level'

const of = (text: string, stream: 'out' | 'err' | 'platform' = 'err') => levelOf({ stream, text })

it('goes by the words of a line', () => {
  expect(of('INFO HTTP Request: GET /topics "HTTP/1.1 404 Not Found"')).toBe('plain')
  expect(of('[2026-11-24 21:43:05] [ERROR] [quixstreams] : no broker', 'out')).toBe('error')
  expect(of('Traceback (most recent call last):')).toBe('error')
  expect(of('requests.exceptions.ConnectionError: refused')).toBe('error')
  expect(of('2026-11-24T21:41:50Z  WARN headwater: slow')).toBe('warning')
  expect(of('client.py:5: AuthlibDeprecationWarning: deprecated')).toBe('warning')
  expect(of("thread 'main' panicked at src/main.rs:3")).toBe('error')
  expect(of('wrote 5 rows, 0 errors', 'out')).toBe('plain')
})

it('leaves the platform its own voice', () => {
  expect(of('ended: exit code 1, ERROR', 'platform')).toBe('platform')
})

it('is quick with a line that repeats itself', () => {
  expect(of('a'.repeat(1_000_000))).toBe('plain')
})
