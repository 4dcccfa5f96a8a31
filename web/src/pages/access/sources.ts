// Data sources in words, and what a dialog of one holds. Pure.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";
import { formatBytes, formatCount } from "$lib/format";

export type Source = Schemas["DataSource"];
export type SourceInput = Schemas["DataSourceInput"];
export type Tls = NonNullable<Source["tls"]>;

export const KINDS = [
  { value: "sqlite", label: "SQLite (a file)" },
  { value: "postgresql", label: "PostgreSQL" },
] as const;

export const TLS = [
  { value: "verify-full", label: "Required, and the certificate checked" },
  { value: "require", label: "Required, the certificate not checked" },
  { value: "disable", label: "None" },
] as const;

export const kindName = (kind: Source["kind"]): string => (kind === "sqlite" ? "SQLite" : "PostgreSQL");

/** "sales@db.internal:5432 as reader"; who may not know it is told the kind alone. */
export function whereWords(source: Source): string {
  if (source.kind === "sqlite") return source.file ?? "";
  if (!source.host) return "";
  return `${source.database ?? ""} at ${source.host}:${source.port ?? 5432}, as ${source.user ?? ""}`;
}

/** "30 s · 1,000 rows · 1 MiB a query". */
export const boundsWords = (source: Source): string =>
  source.query_seconds === undefined
    ? ""
    : `${formatSeconds(source.query_seconds)}, ${formatCount(source.rows_max ?? 0)} rows, ${formatBytes(source.bytes_max ?? 0)} a query`;

export interface SourceDraft {
  name: string;
  kind: Source["kind"];
  file: string;
  host: string;
  port: number;
  database: string;
  user: string;
  tls: Tls;
  password: string;
  dropPassword: boolean;
  enabled: boolean;
  seconds: number;
  rows: number;
  bytes: number;
  cell: number;
}

export const draftOf = (source: Source | null): SourceDraft => ({
  name: source?.name ?? "",
  kind: source?.kind ?? "sqlite",
  file: source?.file ?? "",
  host: source?.host ?? "",
  port: source?.port ?? 5432,
  database: source?.database ?? "",
  user: source?.user ?? "",
  tls: source?.tls ?? "verify-full",
  password: "",
  dropPassword: false,
  enabled: source?.enabled ?? true,
  seconds: source?.query_seconds ?? 30,
  rows: source?.rows_max ?? 1000,
  bytes: source?.bytes_max ?? 1048576,
  cell: source?.cell_bytes_max ?? 4096,
});

/** What is sent; only what belongs to the kind. */
export function bodyOf(draft: SourceDraft): SourceInput {
  const bounds = {
    enabled: draft.enabled,
    query_seconds: draft.seconds,
    rows_max: draft.rows,
    bytes_max: draft.bytes,
    cell_bytes_max: draft.cell,
  };
  const name = draft.name.trim();
  if (draft.kind === "sqlite")
    return { name, kind: "sqlite", file: draft.file.trim(), ...bounds } as SourceInput;
  return {
    name,
    kind: "postgresql",
    host: draft.host.trim(),
    port: draft.port,
    database: draft.database.trim(),
    user: draft.user.trim(),
    tls: draft.tls,
    ...(draft.dropPassword ? { password: null } : draft.password ? { password: draft.password } : {}),
    ...bounds,
  } as SourceInput;
}
