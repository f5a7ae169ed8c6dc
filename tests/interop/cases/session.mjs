// What becomes of a login and of what it may see. Each case: a right server but for one oddity.
import assert from 'node:assert/strict';
import { settled } from './moments.mjs';
import { OddServer, answer, outcome } from './odd_server.mjs';
import { doesNotSay, inSync, shows, textOfIncidents } from './wants.mjs';

const clinic = (server) => {
  server.patient('p1');
  for (const id of ['t1', 't2', 't3']) server.task(id);
};

export const session = [
  {
    name: 'a login that ends',
    wants: 'said as an error, never in sync, and hardly asked any more',
    content: clinic,
    seconds: 13,
    server: class extends OddServer {
      refused = 0;
      request({ url }) {
        if (!this.ended || url.pathname.endsWith('/metadata')) return undefined;
        this.refused += 1;
        return answer(401, outcome('login', 'Unauthorized'));
      }
    },
    async play(server, until) {
      await until(settled(server));
      server.ended = true;
      server.notify(server.remove('Task', 't1'), { entries: [] });
      server.notify(server.task('t2', 'completed'), { entries: [] });
    },
    check(result) {
      assert.notEqual(result.summary.server_equal, true);
      assert.equal(result.exit, 3);
      assert.ok(
        result.goingOn.some(({ severity, headline }) => severity === 'error' && /login|401/i.test(headline)),
        `going on: ${result.goingOn.map(({ id, headline }) => `${id} ${headline}`)}`,
      );
      doesNotSay(result, 'D30');
      assert.ok(result.server.refused <= 30, `${result.server.refused} requests were refused`);
      assert.ok(result.summary.incidents?.length > 0, 'the summary has no incidents');
    },
  },
  {
    name: 'every Subscription is refused',
    wants: 'refused is said, and not that the server is down',
    content: clinic,
    seconds: 9,
    server: class extends OddServer {
      request({ method, path }) {
        if (method === 'POST' && path[0] === 'Subscription') return answer(403, outcome('forbidden', 'Forbidden'));
      }
    },
    check(result) {
      shows(result, 'Task/t1', 'applied 1');
      doesNotSay(result, 'D30', 'D8', 'D9');
      assert.ok(result.found.includes('D13'), `found: ${result.found}`);
    },
  },
  {
    name: 'a Subscription that somebody deleted',
    wants: 'deaf is said, and not that deletions are not announced',
    content: clinic,
    seconds: 13,
    async play(server, until) {
      await until(settled(server));
      for (const { id } of server.bound('Task')) server.subscriptions.delete(id);
      server.remove('Task', 't3');
      for (const socket of server.sockets) socket.terminate();
    },
    check(result) {
      inSync(result);
      doesNotSay(result, 'D26');
    },
  },
  {
    name: 'a resource that leaves the view',
    wants: 'found by the end, and no reason to call the session unequal for ever',
    content: clinic,
    seconds: 12,
    server: class extends OddServer {
      request({ method, path }) {
        if (this.hidden && method === 'GET' && path[0] === 'Task' && path[1] === 't3') return answer(404, outcome('not-found', 'Not found'));
      }
    },
    async play(server, until) {
      await until(settled(server));
      server.hidden = true;
      server.resources.delete('Task/t3');
      server.history.splice(0, server.history.length, ...server.history.filter(({ key }) => key !== 'Task/t3'));
    },
    check(result) {
      assert.equal(result.exit, 0, `exit code ${result.exit}; ${textOfIncidents(result)}`);
    },
  },
  {
    name: 'the summary has the incidents',
    wants: 'what was met stands in the JSON of the run',
    content: clinic,
    seconds: 5,
    check(result) {
      assert.ok(Array.isArray(result.summary.incidents), 'no member incidents');
      inSync(result);
    },
  },
];
