// What differs between two JSON values, as a list of lines: for "who changed what, from what, to what".

export interface Difference {
  /** "targets[0].provider"; empty: the value itself. */
  path: string;
  before: string | undefined;
  after: string | undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const shown = (value: unknown): string | undefined => {
  if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
};

export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const plain = (value: unknown) => isObject(value) && !Array.isArray(value);
  if (plain(before) || plain(after)) {
    const left = (plain(before) ? before : {}) as Record<string, unknown>;
    const right = (plain(after) ? after : {}) as Record<string, unknown>;
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((name) =>
      differences(left[name], right[name], path ? `${path}.${name}` : name),
    );
  }
  const one = { path, before: shown(before), after: shown(after) };
  return one.before === one.after ? [] : [one];
}
