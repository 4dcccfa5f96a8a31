/** Ends a text before the first of some strings, holding back what may be the start of one. */
export class StopFilter {
  #stops;
  #held = "";
  stopped = false;

  constructor(stops) { this.#stops = stops.filter((stop) => stop !== ""); }

  /** Returns the text that can be sent now. */
  push(text) {
    const all = this.#held + text;
    const found = this.#stops.map((stop) => all.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.stopped = true;
      this.#held = "";
      return all.slice(0, Math.min(...found));
    }
    const held = Math.max(0, ...this.#stops.map((stop) => overlap(all, stop)));
    this.#held = all.slice(all.length - held);
    return all.slice(0, all.length - held);
  }

  /** The rest, when the text ends by itself. */
  flush() {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** How long an end of `text` is that is a start of `stop`. */
function overlap(text, stop) {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; --length) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
