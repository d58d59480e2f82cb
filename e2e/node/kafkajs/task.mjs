// What every program shares: its task comes as JSON on standard input, its result leaves as JSON on standard output.
import { Kafka, logLevel } from "kafkajs";
import { text } from "node:stream/consumers";

export const task = JSON.parse(await text(process.stdin));

export const kafka = new Kafka({
  clientId: "e2e",
  brokers: [task.address],
  logLevel: logLevel.ERROR,
  logCreator: () => ({ log }) => console.error(log.message, log.error ?? ""),
});

export const print = (result) => console.log(JSON.stringify(result));

export const plain = (data) => (data === null ? null : data.toString());

/** Throws, with what it was, when `condition` does not hold. */
export function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** The first true answer of `probe`; fails naming `what`. */
export async function until(what, probe, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const answer = await probe();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no ${what} within ${seconds} s`);
}
