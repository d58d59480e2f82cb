// Produces the task's records in one batch.
import { Partitioners } from "kafkajs";
import { codec } from "./codecs.mjs";
import { kafka, print, task } from "./task.mjs";

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const result = await producer.send({
  topic: task.topic, messages: task.records, compression: codec(task.codec), acks: -1,
});
await producer.disconnect();
print(result);
