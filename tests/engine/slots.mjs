// The engine's slots: a FIFO queue in front, and the numbers that /stats shows.

export class Slots {
  #waiting = [];
  #free;
  #count;
  #stats = {
    received: 0,   // requests that came as far as the queue
    started: 0,    // ... that were given the slot
    finished: 0,   // ... whose answer is complete
    failed: 0,     // ... that ended with an error of the engine
    aborted: 0,    // ... whose client went away, in the queue or in the slot
    aborted_in_queue: 0,
    last_cancel_to_free_ms: null,  // from the hang-up until the slot (or the place in the queue) is free
  };

  constructor(count) {
    this.#count = count;
    this.#free = Array.from({length: count}, (_, slot) => slot);
  }

  /** As llama-server lists them. */
  get list() {
    return Array.from({length: this.#count}, (_, id) => ({id, is_processing: !this.#free.includes(id)}));
  }

  get stats() {
    return {busy: this.#count - this.#free.length, queued: this.#waiting.length, ...this.#stats};
  }

  /** Runs `work(slot)` when it is its turn. `signal` is the client's hang-up: `work` must heed it. */
  async run(signal, work) {
    let cancelledAt;
    signal.addEventListener("abort", () => { cancelledAt = performance.now(); }, {once: true});
    ++this.#stats.received;
    let slot;
    try {
      slot = await this.#acquire(signal);
      ++this.#stats.started;
      await work(slot);
      ++this.#stats.finished;
    } catch (error) {
      if (cancelledAt === undefined) ++this.#stats.failed;
      else {
        ++this.#stats.aborted;
        if (slot === undefined) ++this.#stats.aborted_in_queue;
        this.#stats.last_cancel_to_free_ms = performance.now() - cancelledAt;
      }
      throw error;
    } finally {
      if (slot !== undefined) this.#release(slot);
    }
  }

  #acquire(signal) {
    signal.throwIfAborted();
    if (this.#free.length > 0) return this.#free.shift();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      const enter = (slot) => {
        signal.removeEventListener("abort", leave);
        resolve(slot);
      };
      signal.addEventListener("abort", leave, {once: true});
      this.#waiting.push(enter);
    });
  }

  #release(slot) {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }
}
