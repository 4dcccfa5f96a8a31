// The present, once a second, while anybody looks.

import { createSubscriber } from "svelte/reactivity";

class Now {
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  /** Milliseconds; reading it in a component follows it. */
  get current(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const now = new Now();
