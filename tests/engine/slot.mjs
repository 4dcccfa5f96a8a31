// The engine's one slot: a FIFO queue in front, and the numbers that /stats shows.

export class Slot {
  #waiting = [];
  #busy = false;
  #stats = {
    received: 0,   // requests that came as far as the queue
    started: 0,    // ... that were given the slot
    finished: 0,   // ... whose answer is complete
    failed: 0,     // ... that ended with an error of the engine
    aborted: 0,    // ... whose client went away, in the queue or in the slot
    aborted_in_queue: 0,
    last_cancel_to_free_ms: null,  // from the hang-up until the slot (or the place in the queue) is free
  };

  get busy() { return this.#busy; }

  get stats() {
    return {busy: this.#busy ? 1 : 0, queued: this.#waiting.length, ...this.#stats};
  }

  /** Runs `work` when it is its turn. `signal` is the client's hang-up: `work` must heed it. */
  async run(signal, work) {
    let cancelledAt;
    signal.addEventListener("abort", () => { cancelledAt = performance.now(); }, {once: true});
    ++this.#stats.received;
    let hasSlot = false;
    try {
      await this.#acquire(signal);
      hasSlot = true;
      ++this.#stats.started;
      await work();
      ++this.#stats.finished;
    } catch (error) {
      if (cancelledAt === undefined) ++this.#stats.failed;
      else {
        ++this.#stats.aborted;
        if (!hasSlot) ++this.#stats.aborted_in_queue;
        this.#stats.last_cancel_to_free_ms = performance.now() - cancelledAt;
      }
      throw error;
    } finally {
      if (hasSlot) this.#release();
    }
  }

  #acquire(signal) {
    signal.throwIfAborted();
    if (!this.#busy) {
      this.#busy = true;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      signal.addEventListener("abort", leave, {once: true});
      this.#waiting.push(enter);
    });
  }

  #release() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy = false;
  }
}
