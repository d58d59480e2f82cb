// Two members share a topic of four partitions, one leaves, and every record is handled once.
import { check, kafka, plain, print, task, until } from "./task.mjs";

const { topic, group, count } = task;
const admin = kafka.admin();
const producer = kafka.producer();
await Promise.all([admin.connect(), producer.connect()]);

async function send(first, last) {
  const messages = Array.from({ length: last - first }, (_, i) => ({ value: `${first + i}`, partition: i % 4 }));
  await producer.send({ topic, messages, acks: -1 });
}

async function member() {
  const settings = { groupId: group, sessionTimeout: 6000, heartbeatInterval: 500, maxWaitTimeInMs: 500 };
  const self = { owned: [], read: [], consumer: kafka.consumer(settings) };
  self.consumer.on(self.consumer.events.GROUP_JOIN, ({ payload }) => {
    self.owned = payload.memberAssignment[topic] ?? [];
  });
  await self.consumer.connect();
  await self.consumer.subscribe({ topic, fromBeginning: true });
  await self.consumer.run({
    partitionsConsumedConcurrently: 2,
    eachMessage: async ({ message }) => self.read.push(Number(plain(message.value))),
  });
  return self;
}

const first = await member();
await until("all partitions at the first", () => first.owned.length === 4);
await send(0, count);
await until("the first half", () => first.read.length >= count);

const second = await member();
await until("an even share", () => first.owned.length === 2 && second.owned.length === 2);
check(new Set([...first.owned, ...second.owned]).size === 4, "every partition has an owner");
const described = (await admin.describeGroups([group])).groups[0];
check(described.state === "Stable" && described.members.length === 2, "the group is stable with two members");
await send(count, 2 * count);
await until("the second half", () => first.read.length + second.read.length >= 2 * count);
check(second.read.length > 0, "the second member took part");

await second.consumer.disconnect();
await until("all partitions at the first again", () => first.owned.length === 4);
await send(2 * count, 3 * count);
await until("the third part", () => first.read.length + second.read.length >= 3 * count);
await first.consumer.disconnect();

const offsets = await admin.fetchOffsets({ groupId: group, topics: [topic] });
await Promise.all([admin.disconnect(), producer.disconnect()]);
print({
  read: [...first.read, ...second.read].sort((a, b) => a - b),
  committed: offsets[0].partitions.reduce((sum, p) => sum + Number(p.offset), 0),
});
