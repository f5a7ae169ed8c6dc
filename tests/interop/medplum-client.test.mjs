// The client library that Medplum applications use, unchanged, against fhirscope's embedded server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MedplumClient, OperationOutcomeError, SubscriptionManager } from '@medplum/core';
import WebSocket from 'ws';
import { clientId, clientSecret, startServer } from './server.mjs';

// The library takes the socket of browsers; a Node without one gets that of `ws`.
globalThis.WebSocket ??= WebSocket;

const patience = { timeout: 60_000 };
const behaviours = ['medplum-5.0', 'medplum-5.1'];

// Resolves with the first event of this type that satisfies the condition; the test's own time limit ends the waiting.
function next(emitter, type, condition = () => true) {
  return new Promise((resolve) => {
    const listener = (event) => {
      if (condition(event)) {
        emitter.removeEventListener(type, listener);
        resolve(event);
      }
    };
    emitter.addEventListener(type, listener);
  });
}

const resourceOf = (event) => event.payload.entry[1].resource;
const focusOf = (event) => event.payload.entry[0].resource.notificationEvent[0].focus;
const about = (resource) => (event) => resourceOf(event).id === resource.id;

async function status(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof OperationOutcomeError, `not an OperationOutcome: ${error}`);
    return error.outcome.id ?? error.outcome.issue[0].code;
  }
  return 'ok';
}

const task = (more) => ({ resourceType: 'Task', status: 'requested', intent: 'order', code: { text: 'Call back' }, ...more });

async function logIn(server) {
  const medplum = new MedplumClient({ baseUrl: server.baseUrl, cacheTime: 0 });
  await medplum.startClientLogin(clientId, clientSecret);
  return medplum;
}

for (const behaviour of behaviours) describe(`MedplumClient, ${behaviour}`, patience, () => {
  let server, medplum;
  before(async () => {
    server = await startServer('--behave-as', behaviour, '--patients', '0', '--tasks', '0', '--rate', '0');
    medplum = await logIn(server);
  });
  after(() => server?.stop());

  test('logs in and learns who it is', () => {
    assert.equal(medplum.getProfile().resourceType, 'ClientApplication');
    assert.equal(medplum.getProfile().id, clientId);
  });

  test('is refused with a wrong secret', async () => {
    const stranger = new MedplumClient({ baseUrl: server.baseUrl });
    await assert.rejects(stranger.startClientLogin(clientId, 'wrong'), /Invalid secret/);
  });

  test('creates, reads, updates, patches and deletes', async () => {
    const created = await medplum.createResource(task());
    assert.match(created.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await medplum.readResource('Task', created.id), created);

    const updated = await medplum.updateResource({ ...created, status: 'accepted' });
    assert.equal(updated.status, 'accepted');
    assert.notEqual(updated.meta.versionId, created.meta.versionId);

    const patched = await medplum.patchResource('Task', created.id, [
      { op: 'test', path: '/meta/versionId', value: updated.meta.versionId },
      { op: 'replace', path: '/status', value: 'in-progress' },
    ]);
    assert.equal(patched.status, 'in-progress');

    const history = await medplum.readHistory('Task', created.id);
    assert.deepEqual(history.entry.map((entry) => entry.resource.status), ['in-progress', 'accepted', 'requested']);
    const second = await medplum.readVersion('Task', created.id, updated.meta.versionId);
    assert.equal(second.status, 'accepted');

    await medplum.deleteResource('Task', created.id);
    assert.equal(await status(medplum.readResource('Task', created.id)), 'gone');
  });

  test('sees what is missing, invalid or refused', async () => {
    assert.equal(await status(medplum.readResource('Task', '00000000-0000-4000-8000-000000000000')), 'not-found');
    assert.equal(await status(medplum.createResource({ resourceType: 'Task', status: 'requested' })), 'structure');
    assert.equal(await status(medplum.search('Task', 'nosuchparam=1')), 'invalid');
  });

  test('gets 412 for a write that expects another version', async () => {
    const created = await medplum.createResource(task());
    const first = `W/"${created.meta.versionId}"`;
    const write = (state) =>
      medplum.updateResource({ ...created, status: state }, { headers: { 'If-Match': first } });
    assert.equal((await write('accepted')).status, 'accepted');
    assert.equal(await status(write('rejected')), 'precondition-failed');
    assert.equal((await medplum.readResource('Task', created.id)).status, 'accepted');
  });

  test('gets the version that is there for a write that changes nothing', async () => {
    const created = await medplum.createResource(task());
    const same = await medplum.updateResource(created);
    assert.equal(same.meta.versionId, created.meta.versionId);
  });

  test('pages through a search by cursor, meeting everything once', async () => {
    const tag = { system: 'https://fhirscope.example/tags', code: 'paging' };
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [] };
    for (let i = 0; i < 70; ++i) {
      batch.entry.push({
        request: { method: 'POST', url: 'Patient' },
        resource: { resourceType: 'Patient', meta: { tag: [tag] }, name: [{ family: 'Testperson', given: [`${i}`] }] },
      });
      if (batch.entry.length === 14) { // fewer than a page share their millisecond
        const answer = await medplum.executeBatch(batch);
        assert.ok(answer.entry.every((entry) => entry.response.status === '201'));
        batch.entry.length = 0;
      }
    }
    const seen = [];
    let pages = 0;
    const query = { _tag: `${tag.system}|${tag.code}`, _sort: '_lastUpdated', _count: '20' };
    for await (const page of medplum.searchResourcePages('Patient', query)) {
      ++pages;
      seen.push(...page.map((patient) => patient.id));
    }
    assert.equal(pages, 4);
    assert.equal(seen.length, 70);
    assert.equal(new Set(seen).size, 70);
    const counted = await medplum.search('Patient', { _tag: query._tag, _summary: 'count' });
    assert.equal(counted.total, 70);
  });

  test('gets the extended meta that it asks for', async () => {
    const created = await medplum.createResource(task());
    assert.equal(created.meta.author.reference, `ClientApplication/${clientId}`);
    assert.ok(created.meta.project);
  });
});

for (const behaviour of behaviours) describe(`SubscriptionManager, ${behaviour}`, patience, () => {
  let server, medplum, manager;
  before(async () => {
    server = await startServer('--behave-as', behaviour, '--patients', '0', '--tasks', '0', '--rate', '0');
    medplum = await logIn(server);
    const url = new URL('ws/subscriptions-r4', server.baseUrl);
    url.protocol = 'ws:';
    manager = new SubscriptionManager(medplum, url, { pingIntervalMs: 500 });
  });
  after(async () => {
    manager?.closeWebSocket();
    await server?.stop();
  });

  // Resolves when the server shook hands on these criteria.
  function listen(criteria) {
    const emitter = manager.addCriteria(criteria);
    return next(emitter, 'connect').then(() => emitter);
  }

  let tasks, patients;
  test('subscribes to two criteria over one socket', async () => {
    [tasks, patients] = await Promise.all([listen('Task?status=requested,in-progress'), listen('Patient')]);
    assert.equal(manager.getCriteriaCount(), 2);
  });

  test('hears of a create, an update and a patch, each on its own criteria', async () => {
    let misplaced = 0;
    const count = (event) => (misplaced += resourceOf(event).resourceType === 'Task' ? 0 : 1);
    tasks.addEventListener('message', count);

    let heard = next(tasks, 'message');
    const created = await medplum.createResource(task());
    let event = await heard;
    assert.equal(event.payload.type, 'history');
    assert.equal(event.payload.entry.length, 2);
    assert.equal(focusOf(event).reference, `Task/${created.id}`);
    assert.equal(resourceOf(event).meta.versionId, created.meta.versionId);

    heard = next(tasks, 'message', about(created));
    const updated = await medplum.updateResource({ ...created, status: 'in-progress' });
    assert.equal(resourceOf(await heard).meta.versionId, updated.meta.versionId);

    heard = next(patients, 'message');
    const patient = await medplum.createResource({ resourceType: 'Patient', name: [{ given: ['Amara'], family: 'Okafor' }] });
    event = await heard;
    assert.equal(focusOf(event).display, 'Amara Okafor');

    heard = next(patients, 'message', about(patient));
    await medplum.patchResource('Patient', patient.id, [{ op: 'add', path: '/active', value: false }]);
    assert.equal(resourceOf(await heard).active, false);
    tasks.removeEventListener('message', count);
    assert.equal(misplaced, 0);
  });

  test('hears nothing when a resource leaves the criteria, and hears a delete as the last version once more', async () => {
    const versions = [];
    const collect = (event) => versions.push(resourceOf(event).meta.versionId);
    let heard = next(tasks, 'message');
    const leaving = await medplum.createResource(task());
    await heard;
    tasks.addEventListener('message', collect);
    await medplum.updateResource({ ...leaving, status: 'completed' });
    heard = next(tasks, 'message');
    const deleted = await medplum.createResource(task());
    await heard;
    heard = next(tasks, 'message');
    await medplum.deleteResource('Task', deleted.id);
    await heard;
    tasks.removeEventListener('message', collect);
    assert.deepEqual(versions, [deleted.meta.versionId, deleted.meta.versionId]);
  });

  test('gets its pings answered: the socket outlives several of them', async () => {
    let closed = 0;
    const count = () => ++closed;
    manager.getMasterEmitter().addEventListener('close', count);
    const socket = manager.getWebSocket();
    let pongs = 0;
    await new Promise((resolve) => {
      socket.addEventListener('message', (event) => {
        if (JSON.parse(event.data).type === 'pong' && ++pongs === 3) {
          resolve();
        }
      });
    });
    manager.getMasterEmitter().removeEventListener('close', count);
    assert.equal(closed, 0);
  });

  test('goes deaf without a word when another client deletes its Subscriptions', async () => {
    const answer = await fetch(new URL('$delete-subscriptions?value=Patient', server.baseUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${medplum.getAccessToken()}` },
    });
    assert.equal(answer.status, 204);
    let told = 0;
    const count = () => ++told;
    patients.addEventListener('message', count);
    await medplum.createResource({ resourceType: 'Patient', active: true });
    const heard = next(tasks, 'message');
    await medplum.createResource(task());
    await heard; // the other one lives
    patients.removeEventListener('message', count);
    assert.equal(told, 0);
  });

  test('reconnects after the server drops the socket, and hears again on both criteria', async () => {
    const dropped = next(manager.getMasterEmitter(), 'close');
    const again = [next(tasks, 'connect'), next(patients, 'connect')];
    const answer = await fetch(new URL('$drop-sockets', server.baseUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${medplum.getAccessToken()}` },
    });
    assert.equal(answer.status, 204);
    await dropped;
    const connects = await Promise.all(again);
    assert.notEqual(connects[0].payload.subscriptionId, connects[1].payload.subscriptionId);

    const heard = [next(tasks, 'message'), next(patients, 'message')];
    const created = await medplum.createResource(task());
    const patient = await medplum.createResource({ resourceType: 'Patient', active: true });
    const [taskEvent, patientEvent] = await Promise.all(heard);
    assert.equal(resourceOf(taskEvent).id, created.id);
    assert.equal(resourceOf(patientEvent).id, patient.id);
  });
});

describe('The clinic', patience, () => {
  let server, medplum;
  before(async () => {
    server = await startServer('--patients', '12', '--tasks', '30', '--rate', '50', '--seed', '7');
    medplum = await logIn(server);
  });
  after(async () => {
    medplum?.getSubscriptionManager().closeWebSocket();
    assert.equal(await server?.stop(), 0, 'the server ends in order on SIGTERM');
  });

  test('is there to be read', async () => {
    assert.equal((await medplum.searchResources('Patient', { _count: '100' })).length, 12);
    assert.ok((await medplum.searchResources('Basic', { code: 'device-alert' })).length > 0);
  });

  test('can be watched at work through the client itself', async () => {
    const emitter = medplum.subscribeToCriteria('Task');
    const seen = new Set();
    await next(emitter, 'message', (event) => seen.add(resourceOf(event).id).size >= 10);
    for (const id of seen) {
      assert.ok(['ok', 'gone'].includes(await status(medplum.readResource('Task', id))));
    }
  });
});
