// The container: GGUF version 3, little endian. Header, metadata, tensor table, tensor data.

import {closeSync, openSync, renameSync, rmSync, writeSync} from "node:fs";

const VERSION = 3;
const ALIGNMENT = 32;
const FLOAT32_TENSOR = 0;
const FLOAT32_BYTES = 4;

const ValueType = {uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9};

/** Grows as it is written to. */
class ByteBuffer {
  #bytes = Buffer.alloc(1 << 16);
  length = 0;

  #reserve(count) {
    const at = this.length;
    this.length += count;
    if (this.length > this.#bytes.length) {
      const larger = Buffer.alloc(2 * this.length);
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }

  uint32(value) { this.#bytes.writeUInt32LE(value, this.#reserve(4)); }
  int32(value) { this.#bytes.writeInt32LE(value, this.#reserve(4)); }
  float32(value) { this.#bytes.writeFloatLE(value, this.#reserve(4)); }
  bool(value) { this.#bytes.writeUInt8(value ? 1 : 0, this.#reserve(1)); }
  uint64(value) { this.#bytes.writeBigUInt64LE(BigInt(value), this.#reserve(8)); }
  ascii(text) { this.#bytes.write(text, this.#reserve(text.length), "latin1"); }
  string(text) {
    const bytes = Buffer.byteLength(text);
    this.uint64(bytes);
    this.#bytes.write(text, this.#reserve(bytes), "utf8");
  }
  align() { this.#reserve(padding(this.length)); }
  take() { return this.#bytes.subarray(0, this.length); }
}

function padding(length) {
  return (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
}

export class GgufWriter {
  #metadata = [];
  #tensors = [];

  /** type: a key of ValueType but array. */
  set(key, type, value) {
    this.#metadata.push((out) => {
      out.string(key);
      out.uint32(ValueType[type]);
      out[type](value);
    });
  }

  setArray(key, type, values) {
    this.#metadata.push((out) => {
      out.string(key);
      out.uint32(ValueType.array);
      out.uint32(ValueType[type]);
      out.uint64(values.length);
      for (const value of values) out[type](value);
    });
  }

  /**
   * shape: dimensions, fastest-changing first, as in ggml. data(count) yields Float32Arrays of
   * `count` numbers together, and is called only while the file is written: a large model is
   * never in memory as a whole.
   */
  tensor(name, shape, data) {
    this.#tensors.push({name, shape, data, count: shape.reduce((a, b) => a * b, 1)});
  }

  /** Writes beside `path` and renames, so that nobody ever reads half a file. */
  write(path) {
    const unfinished = `${path}.${process.pid}.tmp`;
    const file = openSync(unfinished, "w");
    try {
      writeAll(file, this.#head());
      for (const tensor of this.#tensors) writeTensor(file, tensor);
      closeSync(file);
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, {force: true});
      throw error;
    }
  }

  #head() {
    const out = new ByteBuffer();
    out.ascii("GGUF");
    out.uint32(VERSION);
    out.uint64(this.#tensors.length);
    out.uint64(this.#metadata.length);
    for (const write of this.#metadata) write(out);
    let offset = 0;
    for (const {name, shape, count} of this.#tensors) {
      out.string(name);
      out.uint32(shape.length);
      for (const dimension of shape) out.uint64(dimension);
      out.uint32(FLOAT32_TENSOR);
      out.uint64(offset);
      offset += count * FLOAT32_BYTES;
      offset += padding(offset);
    }
    out.align();
    return out.take();
  }
}

function writeTensor(file, {name, data, count}) {
  let written = 0;
  for (const piece of data(count)) {
    writeAll(file, Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    written += piece.length;
  }
  if (written !== count) throw new Error(`${name}: ${written} numbers instead of ${count}`);
  writeAll(file, Buffer.alloc(padding(count * FLOAT32_BYTES)));
}

function writeAll(file, bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
