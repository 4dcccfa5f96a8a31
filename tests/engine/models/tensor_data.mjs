// What stands in the tensors. Each function returns a source for GgufWriter.tensor().

const PIECE = 65536;

export function constant(value) {
  const piece = new Float32Array(PIECE).fill(value);
  return function* (count) {
    for (; count > 0; count -= PIECE) yield piece.subarray(0, Math.min(count, PIECE));
  };
}

export function exactly(values) {
  return () => [values];
}

/** Numbers in [0, 1) from a seed: mulberry32. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Gaussian noise. One pool is drawn and every tensor starts somewhere else in it, so that large
 * models are written at the speed of the disk. The pool's size is a prime: rows never line up.
 */
export class Noise {
  static #size = 65521;
  #random;
  #pool = new Float32Array(Noise.#size);

  constructor(seed) {
    this.#random = randomNumbers(seed);
    for (let i = 0; i < Noise.#size; ++i) this.#pool[i] = this.#gaussian();
  }

  #gaussian() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    return radius * Math.cos(2 * Math.PI * this.#random());
  }

  withDeviation(deviation) {
    const start = Math.floor(this.#random() * Noise.#size);
    const pool = this.#pool;
    return function* (count) {
      const scaled = pool.map((value) => value * deviation);
      for (let at = start; count > 0; at = 0) {
        const piece = scaled.subarray(at, at + count);
        count -= piece.length;
        yield piece;
      }
    };
  }
}
