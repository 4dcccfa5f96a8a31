// A form that is sent: busy meanwhile, errors at their fields, what was typed stays.

import { tick } from "svelte";
import { toApiError, type ApiError } from "$api/problem";

/** Thrown by `run` when it has set errors of its own. */
export const INVALID = Symbol("invalid");

export class Form {
  busy = $state(false);
  /** What is wrong with no field in particular. */
  problem = $state("");
  fields = $state.raw<ReadonlyMap<string, string>>(new Map());
  #known: readonly string[];

  /** `known`: the fields that are shown; what is wrong with others is said at the end. */
  constructor(...known: string[]) {
    this.#known = known;
  }

  /** The error of a field, or of what is inside it ("targets[0].model" for "targets"). */
  at = (field: string): string | undefined => {
    for (const [name, message] of this.fields) {
      if (name === field) return message;
      if (name.startsWith(`${field}[`) || name.startsWith(`${field}.`)) return `${name} ${lower(message)}`;
    }
    return undefined;
  };

  set(field: string, message: string): void {
    this.fields = new Map([...this.fields, [field, message]]);
  }

  clear(): void {
    this.problem = "";
    this.fields = new Map();
  }

  /** True when it went well. */
  async submit(run: () => Promise<void>, root?: HTMLElement | undefined): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.clear();
    try {
      await run();
      return true;
    } catch (thrown) {
      await this.fail(thrown, root);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Says what went wrong, at the fields that are wrong; the first of them below `root` has the focus. */
  async fail(thrown: unknown, root?: HTMLElement | undefined): Promise<void> {
    if (thrown !== INVALID) this.#show(toApiError(thrown));
    await tick();
    (root ?? document).querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }

  #show(error: ApiError): void {
    this.fields = error.fields;
    const shown = [...error.fields.keys()].every((name) => this.#known.some((known) => covers(known, name)));
    if (!error.fields.size || !shown) this.problem = error.message;
  }
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const covers = (known: string, name: string) =>
  name === known || name.startsWith(`${known}[`) || name.startsWith(`${known}.`);
