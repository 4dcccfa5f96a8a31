// The edits of one section of the settings: what is there, what somebody wants instead, what is wrong with it.
//
// Nothing is lost: an error keeps the edits; when somebody else changed the section meanwhile, what is there is read
// anew, the edits stay on top of it, and `elsewhere` says what differs.

import type { Answer } from "$api/client";
import { toApiError, type ApiError } from "$api/problem";

export type Value = number | string | boolean;
export type Values = Record<string, Value>;

export interface Edit {
  name: string;
  before: Value;
  after: Value;
}

export interface Elsewhere extends Edit {
  /** What the edit says; undefined: it does not touch this one. */
  mine: Value | undefined;
}

interface Source {
  read: () => Promise<Answer<Values>>;
  write: (changes: Values, etag: string) => Promise<unknown>;
}

export class Draft {
  base = $state.raw<Values>();
  etag = $state("");
  edits = $state.raw<Values>({});
  problems = $state.raw<Record<string, string>>({});
  elsewhere = $state.raw<Elsewhere[]>([]);
  /** Why it could not be read, or saved. */
  error = $state.raw<ApiError>();
  loading = $state(true);
  readonly changes: Edit[] = $derived(
    Object.entries(this.edits).map(([name, after]) => ({ name, before: this.base?.[name] ?? after, after })),
  );
  readonly dirty: boolean = $derived(this.changes.length > 0 || this.invalid);
  #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get invalid(): boolean {
    return Object.values(this.problems).some(Boolean);
  }

  value<T extends Value>(name: string): T {
    return (this.edits[name] ?? this.base?.[name]) as T;
  }

  changed(name: string): boolean {
    return name in this.edits;
  }

  set(name: string, value: Value): void {
    const { [name]: _, ...others } = this.edits;
    this.edits = value === this.base?.[name] ? others : { ...others, [name]: value };
    if (this.problems[name]) this.setProblem(name, "");
  }

  problem(name: string): string {
    return this.problems[name] ?? "";
  }

  setProblem(name: string, text: string): void {
    if ((this.problems[name] ?? "") !== text) this.problems = { ...this.problems, [name]: text };
  }

  discard = (): void => {
    this.edits = {};
    this.problems = {};
    this.elsewhere = [];
    this.error = undefined;
  };

  /** What somebody else set, in the place of the edit. */
  takeTheirs(name: string): void {
    const { [name]: _, ...others } = this.edits;
    this.edits = others;
    this.elsewhere = this.elsewhere.filter((one) => one.name !== name);
  }

  load = async (): Promise<void> => {
    this.loading = true;
    try {
      this.#take(await this.#source.read());
      this.error = undefined;
    } catch (error) {
      this.error = toApiError(error);
    } finally {
      this.loading = false;
    }
  };

  /** True when everything is in force. */
  async save(): Promise<boolean> {
    if (!this.changes.length) return true;
    try {
      await this.#source.write(this.edits, this.etag);
      this.edits = {};
      this.elsewhere = [];
      this.error = undefined;
      await this.load();
      return true;
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.stale) {
        await this.load();
        return false;
      }
      this.problems = { ...this.problems, ...Object.fromEntries(error.fields) };
      this.error = error.fields.size ? undefined : error;
      return false;
    }
  }

  #take({ data, etag }: Answer<Values>): void {
    const before = this.base;
    const isNews = before !== undefined && etag !== this.etag && this.changes.length > 0;
    if (before && isNews) {
      const differing = Object.keys(data).filter((name) => data[name] !== before[name]);
      this.elsewhere = differing.map((name) => ({
        name,
        before: before[name] as Value,
        after: data[name] as Value,
        mine: this.edits[name],
      }));
    }
    this.base = data;
    this.etag = etag;
    // An edit that says what is there anyway is none.
    this.edits = Object.fromEntries(Object.entries(this.edits).filter(([name, value]) => data[name] !== value));
  }
}
