// What servers put into pages and frames. Each case: a right server but for one oddity, what is wanted, and how it is seen.
import assert from 'node:assert/strict';
import { settled } from './moments.mjs';
import { OddServer, answer } from './odd_server.mjs';
import { doesNotSay, inSync, says, shows, textOfIncidents } from './wants.mjs';

const clinic = (server) => {
  server.patient('p1');
  for (const id of ['t1', 't2', 't3']) server.task(id);
};

// The server's text without what the expression finds.
const without = (expression) =>
  class extends OddServer {
    text(text) {
      return text.replace(expression, '');
    }
  };

const changeOne = async (server, until) => {
  await until(settled(server));
  server.notify(server.task('t1', 'completed'));
};

// Content whose text cannot be what JSON.stringify makes: put in on the way out.
const brokenTask = (broken) =>
  class extends OddServer {
    text(text) {
      return text.replaceAll('"BROKEN"', broken);
    }
  };

const oneBrokenTask = (server) => {
  clinic(server);
  server.put('Task', 'odd', { status: 'requested', intent: 'order', description: 'BROKEN' });
};

const neighboursAreShown = (result) => {
  shows(result, 'Task/t1', 'applied 2');
  shows(result, 'Task/t3', 'applied 1');
  assert.ok(textOfIncidents(result).includes('Task/odd'), 'no incident names Task/odd');
  doesNotSay(result, 'D44');
  assert.ok(result.server.created <= 4, `${result.server.created} Subscriptions were made`);
};

export const contents = [
  {
    name: 'a text that ends inside an emoji',
    wants: 'one Task whose text has half a surrogate pair takes no other Task down, and is named',
    server: brokenTask('"Call the family \\ud83d"'),
    content: oneBrokenTask,
    play: changeOne,
    check: neighboursAreShown,
  },
  {
    name: 'an escape that does not exist',
    wants: 'one Task with a bad escape takes no other Task down, and is named',
    server: brokenTask('"Call \\x41 the family"'),
    content: oneBrokenTask,
    play: changeOne,
    check: neighboursAreShown,
  },
  {
    name: 'a control character in a text',
    wants: 'one Task with a raw control character takes no other Task down, and is named',
    server: brokenTask('"Call\u0001the family"'),
    content: oneBrokenTask,
    play: changeOne,
    check: neighboursAreShown,
  },
  {
    name: 'a resource nested too deeply',
    wants: 'one Task of a thousand levels takes no other Task down, and is named',
    server: brokenTask(`${'['.repeat(1000)}1${']'.repeat(1000)}`),
    content: oneBrokenTask,
    play: changeOne,
    check: neighboursAreShown,
  },
  {
    name: 'a resource of the wrong type',
    wants: 'entries that are a number, a text or nothing take no Task down',
    content: clinic,
    server: class extends OddServer {
      search(type, url) {
        const given = super.search(type, url);
        given.body.entry?.unshift({ resource: 7 }, { resource: 'Task' }, null, { resource: null });
        return given;
      }
    },
    play: changeOne,
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      shows(result, 'Task/t3', 'applied 1');
    },
  },
  {
    name: 'no versionId at all',
    wants: 'rows are shown and ordered by lastUpdated',
    server: without(/"versionId":"\d+",/g),
    content: clinic,
    play: changeOne,
    check(result) {
      assert.equal(result.outcomes('Task/t1').filter((text) => text.startsWith('applied')).length, 2, result.outcomes('Task/t1').join());
      doesNotSay(result, 'D32');
    },
  },
  {
    name: 'versionId is a number',
    wants: 'shown, with a mark that says so',
    server: class extends OddServer {
      text(text) {
        return text.replace(/"versionId":"(\d+)"/g, '"versionId":$1');
      }
    },
    content: clinic,
    play: changeOne,
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      inSync(result);
    },
  },
  {
    name: 'no meta in bodies',
    wants: 'version and time of ETag and Last-Modified stand in',
    server: class extends OddServer {
      right(asked) {
        const given = super.right(asked);
        const kept = given.body?.meta;
        if (kept && given.body.resourceType !== 'Subscription') {
          const { meta, ...rest } = given.body;
          return answer(given.status, rest, { etag: `W/"${kept.versionId}"`, 'last-modified': new Date(kept.lastUpdated).toUTCString() });
        }
        return given;
      }

      text(text) {
        return text.replace(/"meta":\{"versionId":"\d+","lastUpdated":"[^"]*"\},/g, '');
      }
    },
    content: clinic,
    play: changeOne,
    check(result) {
      for (const key of ['Task/t1', 'Task/t2', 'Task/t3', 'Patient/p1']) {
        assert.ok(result.outcomes(key).some((text) => text.startsWith('applied')), `${key} is not shown: ${result.outcomes(key)}`);
      }
    },
  },
  {
    name: 'an event without lastUpdated',
    wants: 'the resource is read, and shown',
    server: class extends OddServer {
      entryOf(resource, method) {
        const { lastUpdated, ...meta } = resource.meta;
        return super.entryOf({ ...resource, meta }, method);
      }
    },
    content: clinic,
    play: changeOne,
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      inSync(result);
    },
  },
  {
    name: 'times without a zone',
    wants: 'shown',
    server: class extends OddServer {
      text(text) {
        return text.replace(/("lastUpdated":"[^"]*)Z"/g, '$1"');
      }
    },
    content: clinic,
    play: changeOne,
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      shows(result, 'Patient/p1', 'applied 1');
    },
  },
  {
    name: 'empty arrays, nulls and empty texts',
    wants: 'shown',
    content(server) {
      clinic(server);
      server.put('Task', 'odd', { status: 'requested', intent: 'order', description: '', note: [], owner: null, input: [null], code: {} });
    },
    play: changeOne,
    check(result) {
      shows(result, 'Task/odd', 'applied 1');
      inSync(result);
    },
  },
  {
    name: 'ids beyond the standard',
    wants: 'shown, explained by that id',
    content(server) {
      clinic(server);
      server.task('care_plan~77');
    },
    play: changeOne,
    explain: 'Task/care_plan~77',
    check(result) {
      shows(result, 'Task/care_plan~77', 'applied 1');
      assert.equal(result.explain?.reference, 'Task/care_plan~77');
      assert.equal(result.explain.known, true);
      inSync(result);
    },
  },
  {
    name: 'a code that the standard does not know',
    wants: 'shown',
    content(server) {
      clinic(server);
      server.task('odd', 'parked');
    },
    play: changeOne,
    check(result) {
      shows(result, 'Task/odd', 'applied 1');
      inSync(result);
    },
  },
  {
    name: 'the same version with other content',
    wants: 'the new content is shown, and an incident says that versions repeat',
    content: clinic,
    seconds: 11,
    async play(server, until) {
      await until(settled(server));
      const { meta } = server.resources.get('Task/t1');
      server.notify(server.task('t1', 'rejected', { ...meta, lastUpdated: new Date().toISOString() }));
    },
    check(result) {
      const applied = result.outcomes('Task/t1').filter((text) => text.startsWith('applied'));
      assert.equal(applied.length, 2, result.outcomes('Task/t1').join());
      says(result, 'D51');
      inSync(result);
    },
  },
  {
    name: 'event numbers that are always 1',
    wants: 'every content is shown, and an incident says that numbers repeat',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      for (const id of ['t1', 't2', 't3']) server.notify(server.task(id, 'completed'), { number: 1 });
    },
    check(result) {
      for (const id of ['t1', 't2', 't3']) shows(result, `Task/${id}`, 'applied 2');
      assert.ok(result.found.length > 0, 'no incident');
      inSync(result);
    },
  },
  {
    name: 'event numbers beyond all measure',
    wants: 'every content is shown, in real time',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      server.notify(server.task('t1', 'completed'), { number: '9223372036854775807' });
      server.notify(server.task('t2', 'completed'), { number: '0' });
      server.notify(server.task('t3', 'completed'), { number: '99999999999999999999999' });
    },
    check(result) {
      for (const id of ['t1', 't2', 't3']) shows(result, `Task/${id}`, 'applied 2');
      inSync(result);
    },
  },
  {
    name: 'a deletion with its old content',
    wants: 'deleted, not updated',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      server.notify(server.remove('Task', 't1'), { method: 'DELETE' });
    },
    check(result) {
      assert.ok(result.outcomes('Task/t1').some((text) => text.startsWith('deleted') || text.startsWith('applied')));
      assert.ok(result.log.some(({ id, deleted }) => id === 't1' && deleted), 't1 is not deleted');
      inSync(result);
      doesNotSay(result, 'D26');
    },
  },
  {
    name: 'a deletion that only a read tells',
    wants: 'an event that names what is gone is an announcement',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      server.notify(server.remove('Task', 't1'), { entries: [] });
    },
    check(result) {
      assert.ok(result.log.some(({ id, deleted }) => id === 't1' && deleted), 't1 is not deleted');
      inSync(result);
      doesNotSay(result, 'D26');
    },
  },
  {
    name: 'a deletion in a history without fullUrl',
    wants: 'what was deleted while the socket was away is found by the history',
    server: class extends OddServer {
      historyEntry(entry) {
        const { fullUrl, ...rest } = super.historyEntry(entry);
        return rest;
      }
    },
    content: clinic,
    seconds: 13,
    async play(server, until) {
      await until(settled(server));
      server.remove('Task', 't2');
      for (const socket of server.sockets) socket.terminate();
    },
    check(result) {
      assert.ok(result.log.some(({ id, deleted }) => id === 't2' && deleted), 't2 is not deleted');
      inSync(result);
      doesNotSay(result, 'D26');
    },
  },
  {
    name: 'a deletion that answers 404',
    wants: 'what neither a read nor the full listing has any more is not shown for ever',
    server: class extends OddServer {
      right(asked) {
        const given = super.right(asked);
        return given.status === 410 ? answer(404, given.body) : given;
      }
    },
    content: clinic,
    seconds: 13,
    async play(server, until) {
      await until(settled(server));
      server.notify(server.remove('Task', 't2'), { entries: [] });
    },
    check(result) {
      assert.equal(result.exit, 0, `exit code ${result.exit}`);
    },
  },
  {
    name: 'an empty notification without events',
    wants: 'one unnamed event: searched for, no loss is claimed',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      const changed = server.task('t1', 'completed');
      for (const subscription of server.bound(changed.resourceType)) {
        subscription.events += 1;
        server.sendTo(subscription, server.notification(server.statusOf(subscription, 'event-notification')));
      }
    },
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      inSync(result);
      doesNotSay(result, 'D14', 'D37');
    },
  },
  {
    name: 'a Bundle of no notification',
    wants: 'harmless',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      for (const socket of server.sockets) server.send(socket, { resourceType: 'Bundle', type: 'history', entry: [] });
      server.notify(server.task('t1', 'completed'));
    },
    check(result) {
      shows(result, 'Task/t1', 'applied 2');
      inSync(result);
      for (const one of result.goingOn) assert.equal(one.severity, 'info', `${one.id}: ${one.headline}`);
    },
  },
  {
    name: 'rejected is rejected',
    wants: 'an update that cannot be used is listed with its outcome and resource',
    content: clinic,
    async play(server, until) {
      await until(settled(server));
      server.notify({ ...server.task('t1', 'completed'), status: ['completed'] });
    },
    check(result) {
      const rows = result.log.filter(({ id }) => id === 't1');
      assert.ok(rows.every(({ outcome }) => outcome !== 'conflict'), JSON.stringify(rows));
      inSync(result);
    },
  },
];
