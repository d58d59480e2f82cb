// Reads the first records of a topic with a group of its own.
import "./codecs.mjs";
import { kafka, plain, print, task, until } from "./task.mjs";

const consumer = kafka.consumer({ groupId: `reader-of-${task.topic}-${process.pid}` });
const read = [];
await consumer.connect();
await consumer.subscribe({ topic: task.topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => read.push({ key: plain(message.key), value: plain(message.value) }),
});
await until(`${task.count} records`, () => read.length >= task.count);
await consumer.disconnect();
print(read.slice(0, task.count));
