// Produces the task's records in one batch.
import { CompressionTypes, Partitioners } from "kafkajs";
import { kafka, print, task } from "./task.mjs";

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const compression = task.codec === "gzip" ? CompressionTypes.GZIP : CompressionTypes.None;
const result = await producer.send({ topic: task.topic, messages: task.records, compression, acks: -1 });
await producer.disconnect();
print(result);
