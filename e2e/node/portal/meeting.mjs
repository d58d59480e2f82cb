// How a script and the test that started it agree on who goes on.
import { createInterface } from 'node:readline'

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Tells the test where this script is, and waits until it says to go on; what it says is the answer. */
export async function meet(word) {
  console.log(`meet ${word}`)
  const { value, done } = await input.next()
  if (done) throw new Error('the test is gone')
  return value
}

/** Tells the test where this script is, and goes on. */
export const pass = (word) => console.log(`meet ${word}`)

/** What the test should print. */
export const tell = (line) => console.log(`tell ${line}`)

/** Runs a script to its end; a failure has a picture of each window where one can be taken. */
export async function play(script) {
  try {
    await script()
    console.log('done')
    process.exit(0)
  } catch (error) {
    console.error(error.stack ?? error)
    process.exit(1)
  }
}
