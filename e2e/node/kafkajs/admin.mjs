// Every admin call that kafkajs has and the broker serves.
import kafkajs from "kafkajs";
import { check, kafka, print, task, until } from "./task.mjs";

const { topic, group } = task;
const admin = kafka.admin();
await admin.connect();

const configEntries = [{ name: "retention.ms", value: "123456" }];
check(await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] }), "the topic is new");
check((await admin.createTopics({ topics: [{ topic }] })) === false, "the second time it is there");
check((await admin.listTopics()).includes(topic), "the topic is listed");
const partitions = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length;
check((await partitions()) === 2, "it has two partitions");
await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
await until("three partitions", async () => (await partitions()) === 3);

const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
const setting = async (name) => {
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
  return resources[0].configEntries.find((entry) => entry.configName === name).configValue;
};
check((await setting("retention.ms")) === "123456", "the setting is as created");
await admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: "retention.ms", value: "654321" }] }] });
await until("the new setting", async () => (await setting("retention.ms")) === "654321");

const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();
const at = Date.now() - 3_600_000;
const messages = Array.from({ length: 10 }, (_, i) => ({ value: `${i}`, partition: 0, timestamp: `${at + i * 1000}` }));
await producer.send({ topic, messages });
await producer.disconnect();
const offsets = await admin.fetchTopicOffsets(topic);
check(offsets.find((p) => p.partition === 0).high === "10", "ten records");
const dated = await admin.fetchTopicOffsetsByTimestamp(topic, at + 4500);
check(dated.find((p) => p.partition === 0).offset === "5", "the sixth record is the first after that time");
await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "4" }] });
check((await admin.fetchTopicOffsets(topic)).find((p) => p.partition === 0).low === "4", "four records are gone");

await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: "7" }] });
const [fetched] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
check(fetched.partitions.find((p) => p.partition === 0).offset === "7", "the group's offset is set");
check((await admin.listGroups()).groups.some((g) => g.groupId === group), "the group is listed");
check((await admin.describeGroups([group])).groups[0].state === "Empty", "the group is empty");
check((await admin.deleteGroups([group]))[0].errorCode === 0, "the group is deleted");

const cluster = await admin.describeCluster();
check(cluster.brokers.length === 1 && cluster.controller === cluster.brokers[0].nodeId, "one broker that leads");
await admin.deleteTopics({ topics: [topic] });
await until("the topic's end", async () => !(await admin.listTopics()).includes(topic));
await admin.disconnect();
print({ clusterId: cluster.clusterId });
