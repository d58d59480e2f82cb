// Commit, abort, fencing, and consume-transform-produce with the group's offsets in the transaction.
import { check, kafka, plain, print, task, until } from "./task.mjs";

const { source, target, group, id } = task;
const options = { transactionalId: id, idempotent: true, maxInFlightRequests: 1 };

const producer = kafka.producer(options);
await producer.connect();
for (const [value, keep] of [["committed", true], ["aborted", false], ["committed too", true]]) {
  const transaction = await producer.transaction();
  await transaction.send({ topic: target, messages: [{ value }] });
  await (keep ? transaction.commit() : transaction.abort());
}

const consumer = kafka.consumer({ groupId: group, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({ topic: source, fromBeginning: true });
let handled = 0;
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch, resolveOffset, isRunning, isStale }) => {
    if (!isRunning() || isStale()) return;
    const transaction = await producer.transaction();
    const messages = batch.messages.map(({ value }) => ({ value: `<${plain(value)}>` }));
    await transaction.send({ topic: target, messages });
    const offset = `${Number(batch.lastOffset()) + 1}`;
    const topics = [{ topic: source, partitions: [{ partition: batch.partition, offset }] }];
    await transaction.sendOffsets({ consumerGroupId: group, topics });
    await transaction.commit();
    batch.messages.forEach(({ offset }) => resolveOffset(offset));
    handled += messages.length;
  },
});
await until(`${task.count} records`, () => handled >= task.count);
await consumer.disconnect();

const open = await producer.transaction();
await open.send({ topic: target, messages: [{ value: "zombie" }] });
const successor = kafka.producer(options);
await successor.connect();
const transaction = await successor.transaction();
let refused = null;
try {
  await open.send({ topic: target, messages: [{ value: "late" }] });
  await open.commit();
} catch (error) {
  refused = error.type ?? error.name;
}
check(refused !== null, "the older producer is fenced");
await transaction.send({ topic: target, messages: [{ value: "successor" }] });
await transaction.commit();
await successor.disconnect();
await producer.disconnect().catch(() => {});

const admin = kafka.admin();
await admin.connect();
const [committed] = await admin.fetchOffsets({ groupId: group, topics: [source] });
await admin.disconnect();
print({ handled, refused, committed: Number(committed.partitions[0].offset) });
