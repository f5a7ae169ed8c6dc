// Runs fhirscope against servers that are odd in the ways that were reported of real ones, and prints a table: script/cases.
// Usage: run.mjs [NAME…]   those whose name contains one of the words. FHIRSCOPE names the program.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OddServer } from './odd_server.mjs';
import { contents } from './contents.mjs';
import { session } from './session.mjs';
import { setups } from './setups.mjs';

const program = process.env.FHIRSCOPE;
const atOnce = 5; // they wait more than they compute

function run(args, folder, end = 60_000) {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', ...sanitizers() };
    for (const kind of ['CONFIG', 'CACHE', 'STATE', 'DATA']) env[`XDG_${kind}_HOME`] = join(folder, kind.toLowerCase());
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), end);
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, out, err });
    });
  });
}

const sanitizers = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => /SAN_OPTIONS$/.test(name)));

// What a case looks at when the program has ended.
class Result {
  constructor(server, connect, incidents, log, explain) {
    Object.assign(this, { server, exit: connect.code ?? connect.signal, stderr: connect.err, incidents, log, explain });
    this.summary = connect.out ? JSON.parse(connect.out) : {};
  }

  // Ids of causes, of what goes on at the end and of what is over.
  get found() {
    return this.incidents.map(({ id }) => id);
  }

  get goingOn() {
    return this.incidents.filter(({ state }) => state === 'going-on');
  }

  // The outcomes of the updates of one resource, oldest first: 'applied 2', 'deleted', 'rejected'.
  outcomes(key) {
    return this.log.filter(({ type, id }) => `${type}/${id}` === key).map(({ outcome, version }) => `${outcome} ${version ?? ''}`.trim());
  }
}

async function play(one) {
  const server = new (one.server ?? OddServer)(one.dialect ?? 'r4b');
  const folder = await mkdtemp(join(tmpdir(), 'fhirscope-case-'));
  const file = join(folder, 'session.fhirscope');
  try {
    one.content(server);
    await server.listen();
    const address = one.address?.(server) ?? `${server.origin}/`;
    const options = ['--headless', '--json', '--seconds', String(one.seconds ?? 11), '--no-cache', '--record', file];
    const ended = run(['connect', address, ...options, ...(one.options?.(server) ?? [])], folder);
    let over = false;
    ended.then(() => (over = true));
    await one.play?.(server, async (condition) => {
      while (!condition()) {
        if (over) throw new Error('the program ended before the case had come to its point');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    const connect = await ended;
    const diagnose = await run(['diagnose', file, '--json'], folder);
    const log = await run(['log', file, '--format', 'ndjson'], folder);
    const explained = one.explain && (await run(['diagnose', file, '--json', '--explain', one.explain], folder));
    one.check(
      new Result(
        server,
        connect,
        JSON.parse(diagnose.out).incidents ?? [], // none where it never began
        log.out.split('\n').filter(Boolean).map((line) => JSON.parse(line)),
        explained && JSON.parse(explained.out).explained,
      ),
    );
    if (/ERROR: (Address|Leak)Sanitizer|runtime error/.test(connect.err)) throw new Error(connect.err);
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const words = process.argv.slice(2);
const chosen = [...contents, ...setups, ...session].filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (!program || chosen.length === 0) {
  console.error(program ? `no case is named so: ${words.join(' ')}` : 'FHIRSCOPE must name the program');
  process.exit(2);
}

const width = Math.max(...chosen.map(({ name }) => name.length));
const failed = [];
const waiting = [...chosen];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const began = performance.now();
      let verdict = 'ok';
      await play(one).catch((error) => {
        verdict = 'NOT OK';
        failed.push({ one, error });
      });
      console.log(`${one.name.padEnd(width)}  ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${verdict}`);
    }
  }),
);
for (const { one, error } of failed) console.log(`\n${one.name}: ${one.wants}\n    ${String(error.message).replaceAll('\n', '\n    ')}`);
console.log(`\n${chosen.length - failed.length} of ${chosen.length} as they should be`);
process.exit(failed.length === 0 ? 0 : 1);
