import { expect, test } from "vitest";
import { bodyOf, boundsWords, draftOf, whereWords, type Source } from "./sources";

const postgresql: Source = {
  id: "d1",
  name: "sales",
  kind: "postgresql",
  host: "db",
  port: 5433,
  database: "sales",
  user: "reader",
  tls: "require",
  password_set: true,
  enabled: false,
  query_seconds: 20,
  rows_max: 500,
  bytes_max: 2048,
  cell_bytes_max: 64,
};

test("what is read is what is sent, without the password", () => {
  const { id: _, password_set: __, ...rest } = postgresql;
  expect(bodyOf(draftOf(postgresql))).toEqual(rest);
});
test("a password is sent only if one is given; none takes it away", () => {
  expect(bodyOf({ ...draftOf(postgresql), password: "p" })).toMatchObject({ password: "p" });
  expect(bodyOf({ ...draftOf(postgresql), password: "p", dropPassword: true })).toMatchObject({
    password: null,
  });
});
test("of SQLite only the file", () => {
  const body = bodyOf({ ...draftOf(null), name: " shop ", file: " /a.db " });
  expect(body).toMatchObject({ name: "shop", kind: "sqlite", file: "/a.db" });
  expect(Object.keys(body)).not.toContain("host");
});
test("in words; whoever may not know is told nothing of it", () => {
  expect(whereWords(postgresql)).toBe("sales at db:5433, as reader");
  expect(boundsWords(postgresql)).toBe("20 s, 500 rows, 2 KiB a query");
  const brief: Source = { id: "d", name: "n", kind: "postgresql", enabled: true };
  expect([whereWords(brief), boundsWords(brief)]).toEqual(["", ""]);
});
