// The codecs that kafkajs leaves to its users, in JavaScript and WebAssembly: nothing to compile.
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import lz4 from "lz4js";
import * as zstd from "@bokuweb/zstd-wasm";

const { CompressionCodecs, CompressionTypes } = kafkajs;
await zstd.init();
CompressionCodecs[CompressionTypes.Snappy] = snappy;
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (data) => Buffer.from(lz4.decompress(data)),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer, 3)),
  decompress: async (data) => Buffer.from(zstd.decompress(data)),
});

const byName = { none: "None", gzip: "GZIP", snappy: "Snappy", lz4: "LZ4", zstd: "ZSTD" };

export const codec = (name = "none") => CompressionTypes[byName[name]];
