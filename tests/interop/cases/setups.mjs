// Where servers lie, how they answer, and what stands between. Each case: a right server but for one oddity.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { settled } from './moments.mjs';
import { OddServer, answer, outcome } from './odd_server.mjs';
import { doesNotSay, inSync, leavesNothing, shows, textOfIncidents } from './wants.mjs';

const clinic = (server) => {
  server.patient('p1');
  for (const id of ['t1', 't2', 't3']) server.task(id);
};
const changeOne = async (server, until) => {
  await until(settled(server));
  server.notify(server.task('t1', 'completed'));
};
const shownAndLeft = (result) => {
  shows(result, 'Task/t1', 'applied 2');
  inSync(result);
  leavesNothing(result);
};

const at = (path) =>
  class extends OddServer {
    path = path;
  };

const bases = [
  ['/fhir', '/fhir'],
  ['/fhir', '/fhir/'],
  ['', '/'],
  ['/fhir/R4', '/fhir/R4'],
  ['/fhir/R4', '/'],
  ['/baseR4', '/baseR4'],
  ['/tenant/a/fhir', '/tenant/a/fhir/'],
].map(([path, address]) => ({
  name: `the base ${path || '/'}, given as ${address}`,
  wants: 'the FHIR base is found',
  server: at(path),
  content: clinic,
  address: ({ origin }) => origin + address,
  play: changeOne,
  check: shownAndLeft,
}));

// 45 Tasks in pages of 20, whose next links are made by `link`.
const pages = (link) => ({
  server: class extends OddServer {
    pageSize = 20;
    nextLink(url) {
      return link(url, this);
    }
  },
  content(server) {
    server.patient('p1');
    for (let number = 1; number <= 45; number += 1) server.task(`t${number}`);
  },
  play: changeOne,
});

export const setups = [
  ...bases,
  {
    name: 'a base that is nowhere',
    wants: 'the failure names the address that was asked',
    content: clinic,
    address: ({ origin }) => `${origin}/nowhere`,
    server: class extends OddServer {
      request({ inside, path }) {
        if (!inside || path[0] === 'metadata') return answer(404, outcome('not-found', 'No such page'));
      }
    },
    seconds: 4,
    check(result) {
      assert.match(result.stderr + textOfIncidents(result), /\/nowhere\S*metadata|\/nowhere/);
      assert.notEqual(result.exit, 0);
    },
  },
  {
    name: 'created without a body',
    wants: 'Location names the Subscription: it is used',
    content: clinic,
    server: class extends OddServer {
      right(asked) {
        const given = super.right(asked);
        return given.status === 201 ? answer(201, '', given.headers) : given;
      }
    },
    play: changeOne,
    check(result) {
      shownAndLeft(result);
      doesNotSay(result, 'D30');
      assert.ok(result.server.created <= 3, `${result.server.created} Subscriptions were made`);
    },
  },
  {
    name: 'a handshake that never comes',
    wants: 'events and heartbeats prove the bind, and the baseline does not wait for it',
    content: clinic,
    seconds: 14,
    server: class extends OddServer {
      handshake() {}
    },
    async play(server, until) {
      await until(() => server.requests.some((line) => line.includes('GET') && line.includes('/Patient?')));
      await until(settled(server));
      server.notify(server.task('t1', 'completed'));
    },
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      shows(result, 'Patient/p1', 'applied 1');
      doesNotSay(result, 'D3', 'D36');
      leavesNothing(result);
      assert.ok(result.server.created <= 3, `${result.server.created} Subscriptions were made`);
    },
  },
  {
    name: 'a socket that swallows all',
    wants: 'data is on the screen all the same, by search',
    content: clinic,
    seconds: 9,
    server: class extends OddServer {
      heartbeat() {}
      frame() {
        return true;
      }
    },
    check(result) {
      for (const key of ['Task/t1', 'Task/t3', 'Patient/p1']) shows(result, key, 'applied 1');
      leavesNothing(result);
    },
  },
  {
    name: 'no socket at all',
    wants: 'data is on the screen all the same, by search',
    content: clinic,
    seconds: 9,
    server: class extends OddServer {
      takeSocket(socket) {
        socket.terminate();
      }
    },
    check(result) {
      for (const key of ['Task/t1', 'Task/t3', 'Patient/p1']) shows(result, key, 'applied 1');
      leavesNothing(result);
    },
  },
  {
    name: 'no binding tokens',
    wants: 'said to have no WebSocket subscriptions of this kind, and polled; not said to be down',
    content: clinic,
    seconds: 9,
    server: class extends OddServer {
      request({ path }) {
        if (path.at(-1) === '$get-ws-binding-token') return answer(404, outcome('not-supported', 'Unknown operation'));
      }
    },
    check(result) {
      for (const key of ['Task/t1', 'Patient/p1']) shows(result, key, 'applied 1');
      doesNotSay(result, 'D30', 'D8');
      leavesNothing(result);
    },
  },
  {
    name: 'next links to an inner host',
    wants: 'rewritten to the base that is known: all rows are shown',
    ...pages((url) => `http://127.0.0.1:9${url.pathname}${url.search}`),
    check(result) {
      shows(result, 'Task/t45', 'applied 1');
      shownAndLeft(result);
    },
  },
  {
    name: 'next links by https to the same host',
    wants: 'rewritten to the base that is known: all rows are shown',
    ...pages((url) => url.href.replace('http:', 'https:')),
    check(result) {
      shows(result, 'Task/t45', 'applied 1');
      shownAndLeft(result);
    },
  },
  {
    name: 'next links to another place',
    wants: 'the listing is said to be a part, with what is known of the rest',
    ...pages((url) => `http://127.0.0.1:9/gateway/pages${url.search}`),
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      assert.notEqual(result.summary.server_equal, true);
      assert.match(textOfIncidents(result), /20 of 45|45/);
      assert.ok(result.server.created <= 3, `${result.server.created} Subscriptions were made`);
    },
  },
  {
    name: 'a redirect within the origin',
    wants: 'followed',
    content: clinic,
    server: class extends OddServer {
      request({ method, url, path }) {
        if (method === 'GET' && path[0] === 'Task' && !url.searchParams.has('moved')) {
          url.searchParams.set('moved', '1');
          return answer(307, '', { location: url.pathname + url.search });
        }
      }
    },
    play: changeOne,
    check: shownAndLeft,
  },
  {
    name: 'a redirect to another origin',
    wants: 'not followed, and named',
    content: clinic,
    seconds: 5,
    server: class extends OddServer {
      request({ method, url, path }) {
        if (method === 'GET' && path[0] === 'Task') return answer(302, '', { location: `http://127.0.0.1:9${url.pathname}` });
      }
    },
    check(result) {
      assert.match(result.stderr + textOfIncidents(result), /127\.0\.0\.1:9\b/);
      assert.notEqual(result.exit, 0);
    },
  },
  {
    name: 'compressed although not asked',
    wants: 'read',
    content: clinic,
    server: class extends OddServer {
      right(asked) {
        const given = super.right(asked);
        if (given.body === '') return given;
        const raw = gzipSync(Buffer.from(JSON.stringify(given.body)));
        return { ...given, raw, headers: { ...given.headers, 'content-encoding': 'gzip' } };
      }
    },
    play: changeOne,
    check: shownAndLeft,
  },
  {
    name: 'a hint before the answer',
    wants: '103 is skipped',
    content: clinic,
    server: class extends OddServer {
      request({ response, path }) {
        if (path[0] === 'Task' || path[0] === 'metadata') response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      }
    },
    play: changeOne,
    check: shownAndLeft,
  },
  {
    name: 'a type that may not be searched',
    wants: 'left out and said; the others are live and equal',
    content: clinic,
    server: class extends OddServer {
      request({ method, path }) {
        if (method === 'GET' && path[0] === 'Basic') return answer(403, outcome('forbidden', 'Forbidden'));
      }
    },
    play: changeOne,
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      assert.match(textOfIncidents(result) + result.stderr, /Basic/);
      leavesNothing(result);
      doesNotSay(result, 'D30', 'D36');
    },
  },
];
