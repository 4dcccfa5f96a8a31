// How right `punctual doctor --url` is: over set-ups of one and two real hops with limits drawn by chance, how far the
// second that it tells is from the one that was set, and whether it names the hop that has the shorter limit.
//
//   node tests/e2e/measure_probe.mjs [set-ups, default 20] [seed, default 1]

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { startGateway } from "./support/gateway.mjs";
import { startHaproxy } from "./support/haproxy.mjs";
import { startNginx } from "./support/nginx.mjs";

const setUps = Number(process.argv[2] ?? 20);
let seed = Number(process.argv[3] ?? 1);
// Numerical Recipes' generator: the same set-ups each time.
const chance = () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32;
const LONGEST = 6;
// Two limits that are close are decided by the way between them.
const APART = 0.5;

const makers = {
  nginx: (port, seconds) => startNginx(port, { readTimeout: `${Math.round(seconds * 1000)}ms`, buffers: chance() < 0.5 ? "never" : "unasked" }),
  haproxy: (port, seconds) => startHaproxy(port, { serverTimeout: `${Math.round(seconds * 1000)}ms` }),
};

const drawHops = () => {
  for (;;) {
    const hops = Array.from({ length: chance() < 0.5 ? 1 : 2 }, () => ({ kind: chance() < 0.5 ? "nginx" : "haproxy", seconds: Math.round((1 + chance() * 4) * 10) / 10 }));
    if (hops.length === 1 || Math.abs(hops[0].seconds - hops[1].seconds) >= APART) return hops;
  }
};

const errors = { silent_answer: [], silent_stream: [] };
let hopsRight = 0;
let beatsHeld = 0;
const gateway = await startGateway({ config: "[timeouts]\nheartbeat_seconds = 0.4\n" });
for (let i = 0; i < setUps; ++i) {
  const hops = drawHops(); // the innermost first
  const running = [];
  let port = gateway.port;
  for (const { kind, seconds } of hops) {
    running.push(await makers[kind](port, seconds));
    port = running.at(-1).port;
  }
  const first = hops.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  const { stdout, stderr } = await runToEnd(PUNCTUAL, ["doctor", "--url", `http://127.0.0.1:${port}/v1`, "--longest", String(LONGEST), "--json"], { env: cleanEnvironment() });
  if (!stdout) throw new Error(stderr);
  const seen = Object.fromEntries(JSON.parse(stdout).observations.map((observation) => [observation.kind, observation]));
  for (const kind of Object.keys(errors)) errors[kind].push(seen[kind].ending === "whole" ? Infinity : Math.abs(seen[kind].lasted_seconds - first.seconds));
  hopsRight += seen.silent_answer.hop_kind === first.kind;
  beatsHeld += seen.beating_stream.ending === "whole";
  console.log(
    `${hops.map(({ kind, seconds }) => `${kind} ${seconds} s`).join(" behind ").padEnd(34)} told: ${seen.silent_answer.hop_kind || "nobody"} ${seen.silent_answer.lasted_seconds.toFixed(3)} s, stream ${seen.silent_stream.lasted_seconds.toFixed(3)} s`,
  );
  for (const hop of running.reverse()) await hop.stop();
}
await gateway.stop();

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
for (const [kind, list] of Object.entries(errors)) {
  const sorted = list.toSorted((a, b) => a - b);
  console.log(`${kind}: off by ${(at(sorted, 0.5) * 1000).toFixed(0)} ms (p50), ${(sorted.at(-1) * 1000).toFixed(0)} ms (most)`);
}
console.log(`the hop is right in ${hopsRight} of ${setUps}; heartbeats carried the stream in ${beatsHeld} of ${setUps}`);
