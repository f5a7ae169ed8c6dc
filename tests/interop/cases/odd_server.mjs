// A small FHIR server that can be odd in every way that servers were reported to be. It is right unless a case says otherwise:
// a case overrides methods of OddServer. Everything is invented, and only loopback is listened on.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

const types = ['Patient', 'Task', 'Basic'];
const topic = (type) => `http://topics.example.test/SubscriptionTopic/${type.toLowerCase()}-changed`;
const typeOfTopic = new Map(types.map((type) => [topic(type), type]));
const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';
const fhirVersions = { medplum: '4.0.1', r4b: '4.3.0', r5: '5.0.0' };

export const outcome = (code, text) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, details: { text } }],
});

// What a handler answers: a body (an object, or text as it is; '' for none) and headers.
export const answer = (status, body = '', headers = {}) => ({ status, body, headers });

// What a client says: JSON as to Medplum, or a word and a token as the backport's examples have it.
function frameOf(text) {
  if (text.startsWith('{')) return JSON.parse(text);
  const [type, token] = text.split(/[ :]+/);
  return { type, payload: { token } };
}

export class OddServer {
  path = '/fhir/R4'; // where the FHIR base lies
  heartbeatMs = 2000;
  pageSize = 100;
  resources = new Map(); // 'Task/t1' → the resource, or { deleted: when }
  history = []; // newest first: { key, method, at, resource? }
  subscriptions = new Map(); // id → { id, type, resource, events, ended }
  created = 0; // Subscriptions ever
  tokens = new Map(); // binding token → Subscription id
  sockets = new Set();
  beats = 0; // heartbeats sent so far
  requests = []; // 'GET /fhir/R4/Task?…' as they came

  constructor(dialect) {
    this.dialect = dialect;
  }

  // --- what a case does with it ---------------------------------------------------------------------------------------

  put(type, id, content, meta) {
    const key = `${type}/${id}`;
    const before = this.resources.get(key);
    const version = String(Number(before?.meta?.versionId ?? before?.version ?? 0) + 1);
    const resource = {
      resourceType: type,
      id,
      meta: meta ?? { versionId: version, lastUpdated: new Date().toISOString() },
      ...content,
    };
    this.resources.set(key, resource);
    this.history.unshift({ key, method: before ? 'PUT' : 'POST', at: new Date().toISOString(), resource });
    return resource;
  }

  task(id, status = 'requested', meta = undefined) {
    return this.put('Task', id, { status, intent: 'order', description: `Task ${id}`, for: { reference: 'Patient/p1' } }, meta);
  }

  patient(id, family = 'Alpha') {
    return this.put('Patient', id, { name: [{ family, given: ['Ann'] }] });
  }

  remove(type, id) {
    const key = `${type}/${id}`;
    const before = this.resources.get(key);
    this.resources.set(key, { deleted: new Date().toISOString(), version: before?.meta?.versionId });
    this.history.unshift({ key, method: 'DELETE', at: new Date().toISOString() });
    return before;
  }

  // A notification of the resource. `entries: []` leaves its content out; `number` is said instead of the right one.
  notify(resource, { method = 'PUT', entries, number, focus } = {}) {
    const key = `${resource.resourceType}/${resource.id}`;
    for (const subscription of this.subscriptions.values()) {
      if (subscription.type !== resource.resourceType || subscription.ended) continue;
      subscription.events += 1;
      const event = {
        number: number ?? subscription.events,
        timestamp: new Date().toISOString(),
        focus: focus ?? `${this.base}/${key}`,
      };
      this.sendTo(
        subscription,
        this.notification(
          this.statusOf(subscription, 'event-notification', [event]),
          entries ?? [this.entryOf(resource, method)],
        ),
      );
    }
  }

  entryOf(resource, method = 'PUT') {
    const key = `${resource.resourceType}/${resource.id}`;
    return { fullUrl: `${this.base}/${key}`, resource, request: { method, url: key }, response: { status: '200' } };
  }

  sendTo(subscription, frame) {
    for (const socket of this.sockets) if (socket.bound.has(subscription.id)) this.send(socket, frame);
  }

  send(socket, frame) {
    socket.send(this.text(typeof frame === 'string' ? frame : JSON.stringify(frame)));
  }

  bound(type) {
    return [...this.subscriptions.values()].filter(
      (one) => one.type === type && [...this.sockets].some((socket) => socket.bound.has(one.id)),
    );
  }

  // --- what a case overrides ------------------------------------------------------------------------------------------

  // Every text on its way out.
  text(text) {
    return text;
  }

  // Answers a request in another way. undefined: as a right server.
  request(_request) {}

  // A text frame in another way. true: it was dealt with.
  frame(_socket, _text) {}

  nextLink(url) {
    return url.href;
  }

  historyEntry({ key, method, at, resource }) {
    return {
      fullUrl: `${this.base}/${key}`,
      ...(resource ? { resource } : {}),
      request: { method, url: key },
      response: { status: '200', lastModified: at },
    };
  }

  socketUrl() {
    return `${this.origin.replace('http', 'ws')}/ws`;
  }

  handshake(socket, subscription) {
    this.send(socket, this.notification(this.statusOf(subscription, 'handshake')));
  }

  capabilities() {
    const standard = this.dialect !== 'medplum';
    return {
      resourceType: 'CapabilityStatement',
      status: 'active',
      kind: 'instance',
      fhirVersion: fhirVersions[this.dialect],
      format: ['json'],
      software: { name: this.dialect === 'medplum' ? 'medplum' : 'odd' },
      rest: [
        {
          mode: 'server',
          resource: [
            ...types.map((type) => ({ type })),
            {
              type: 'Subscription',
              ...(standard
                ? {
                    extension: types.map((type) => ({
                      url: `${backport}/capabilitystatement-subscriptiontopic-canonical`,
                      valueCanonical: topic(type),
                    })),
                    operation: [{ name: '$get-ws-binding-token', definition: 'http://example.test/op' }],
                  }
                : {}),
            },
          ],
        },
      ],
    };
  }

  // --- the server -----------------------------------------------------------------------------------------------------

  get base() {
    return this.origin + this.path;
  }

  statusOf(subscription, type, events = []) {
    return {
      resourceType: 'SubscriptionStatus',
      id: randomUUID(),
      status: 'active',
      type,
      ...(this.dialect === 'medplum' ? {} : { eventsSinceSubscriptionStart: String(subscription.events) }),
      ...(events.length === 0
        ? {}
        : {
            notificationEvent: events.map(({ number, timestamp, focus }) => ({
              eventNumber: this.dialect === 'medplum' ? '0' : String(number),
              timestamp,
              focus: { reference: focus },
            })),
          }),
      subscription: { reference: `Subscription/${subscription.id}` },
      ...(this.dialect === 'medplum' ? {} : { topic: topic(subscription.type) }),
    };
  }

  notification(status, entries = []) {
    return {
      resourceType: 'Bundle',
      id: randomUUID(),
      type: this.dialect === 'r5' ? 'subscription-notification' : 'history',
      timestamp: new Date().toISOString(),
      entry: [{ fullUrl: `urn:uuid:${status.id}`, resource: status }, ...entries],
    };
  }

  async listen() {
    this.http = createServer((request, response) => this.take(request, response));
    this.socketServer = new WebSocketServer({ server: this.http });
    this.socketServer.on('connection', (socket) => this.takeSocket(socket));
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    this.origin = `http://127.0.0.1:${this.http.address().port}`;
    this.beat = setInterval(() => this.heartbeat(), this.heartbeatMs);
  }

  close() {
    clearInterval(this.beat);
    for (const socket of this.sockets) socket.terminate();
    this.http.closeAllConnections();
    this.http.close();
  }

  async take(request, response) {
    let body = '';
    for await (const part of request) body += part;
    const url = new URL(request.url, this.origin);
    this.requests.push(`${request.method} ${request.url}`);
    const inside = url.pathname === this.path || url.pathname.startsWith(`${this.path}/`);
    const asked = {
      method: request.method,
      url,
      headers: request.headers,
      body,
      response,
      inside,
      path: inside ? url.pathname.slice(this.path.length).split('/').filter(Boolean).map(decodeURIComponent) : [],
    };
    const given = (await this.request(asked)) ?? this.right(asked);
    if (given === 'swallowed') return;
    const text = typeof given.body === 'string' ? given.body : this.text(JSON.stringify(given.body));
    response.writeHead(given.status, { 'content-type': 'application/fhir+json', ...given.headers });
    response.end(given.raw ?? text);
  }

  // What a server without oddities answers.
  right({ method, url, body, path, inside }) {
    if (url.pathname === '/oauth2/token') {
      return answer(200, { access_token: 'invented-access-token', token_type: 'Bearer', expires_in: 3600 });
    }
    if (!inside) return answer(404, outcome('not-found', `There is nothing at ${url.pathname}`));
    const [type, id, operation] = path;
    if (type === 'metadata') return answer(200, this.capabilities());
    if (type === 'Subscription') return this.subscription(method, id, operation, body);
    if (path.length === 1 && method === 'GET') return this.search(type, url);
    if (operation === '_history' || id === '_history') {
      const of = (key) => (id === '_history' ? key.startsWith(`${type}/`) : key === `${type}/${id}`);
      const entries = this.history.filter(({ key }) => of(key)).map((entry) => this.historyEntry(entry));
      return answer(200, { resourceType: 'Bundle', type: 'history', total: entries.length, entry: entries });
    }
    if (path.length !== 2) return answer(404, outcome('not-found', 'Not found'));
    const stored = this.resources.get(`${type}/${id}`);
    if (!stored) return answer(404, outcome('not-found', 'Not found'));
    if (stored.deleted) return answer(410, outcome('deleted', 'Gone'));
    return answer(200, stored, this.headersOf(stored));
  }

  headersOf(resource) {
    return resource.meta?.versionId ? { etag: `W/"${resource.meta.versionId}"` } : {};
  }

  search(type, url) {
    const asked = url.searchParams;
    let rows = [...this.resources.entries()].filter(([key, one]) => key.startsWith(`${type}/`) && !one.deleted).map(([, one]) => one);
    if (asked.has('_deleted')) rows = [];
    for (const text of asked.getAll('_lastUpdated')) {
      const limit = Date.parse(text.slice(2));
      const later = text.startsWith('g');
      rows = rows.filter(({ meta }) => {
        const time = Date.parse(meta?.lastUpdated ?? '');
        return Number.isNaN(time) || (later ? time >= limit : time <= limit);
      });
    }
    if (asked.has('_id')) rows = rows.filter(({ id }) => asked.get('_id').split(',').includes(id));
    const count = Math.min(Number(asked.get('_count') ?? this.pageSize), this.pageSize);
    const offset = Number(asked.get('_offset') ?? 0);
    const link = [{ relation: 'self', url: url.href }];
    if (offset + count < rows.length) {
      const next = new URL(url.pathname + url.search, this.origin);
      next.searchParams.set('_offset', String(offset + count));
      link.push({ relation: 'next', url: this.nextLink(next) });
    }
    if (asked.get('_summary') === 'count') return answer(200, { resourceType: 'Bundle', type: 'searchset', total: rows.length });
    return answer(200, {
      resourceType: 'Bundle',
      type: 'searchset',
      total: rows.length,
      link,
      entry: rows.slice(offset, offset + count).map((resource) => ({
        fullUrl: `${this.base}/${resource.resourceType}/${resource.id}`,
        resource,
        search: { mode: 'match' },
      })),
    });
  }

  subscription(method, id, operation, body) {
    if (method === 'POST' && !operation && !id) {
      const asked = JSON.parse(body);
      const criteria = asked.topic ?? asked.criteria ?? '';
      const made = randomUUID();
      const resource = {
        ...asked,
        id: made,
        meta: { versionId: '1', lastUpdated: new Date().toISOString() },
        status: 'active',
      };
      this.created += 1;
      this.subscriptions.set(made, {
        id: made,
        type: typeOfTopic.get(criteria) ?? criteria.split('?')[0],
        resource,
        events: 0,
      });
      return answer(201, resource, { location: `${this.base}/Subscription/${made}/_history/1` });
    }
    if (id === undefined) {
      return answer(200, { resourceType: 'Bundle', type: 'searchset', entry: [...this.subscriptions.values()].map(({ resource }) => ({ resource })) });
    }
    const subscription = this.subscriptions.get(id);
    if (!subscription) return answer(404, outcome('not-found', 'Not found'));
    if (operation === '$get-ws-binding-token') return answer(200, this.bindingToken(subscription));
    if (operation === '$status') {
      return answer(200, { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: this.statusOf(subscription, 'query-status') }] });
    }
    if (operation) return answer(501, outcome('not-supported', 'Not supported'));
    if (method === 'DELETE') {
      this.subscriptions.delete(id);
      return answer(200, outcome('informational', 'All OK'));
    }
    if (method === 'PUT') {
      subscription.resource = JSON.parse(body);
      return answer(200, subscription.resource);
    }
    return answer(200, subscription.resource);
  }

  bindingToken(subscription) {
    const token = randomUUID();
    this.tokens.set(token, subscription.id);
    return {
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: token },
        { name: 'expiration', valueDateTime: new Date(Date.now() + 3_600_000).toISOString() },
        { name: 'subscription', valueString: subscription.id },
        { name: 'websocket-url', valueUrl: this.socketUrl() },
      ],
    };
  }

  takeSocket(socket) {
    socket.bound = new Set();
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const text = String(data);
      if (this.frame(socket, text)) return;
      const { type, payload } = frameOf(text);
      if (type === 'ping') return this.send(socket, { type: 'pong' });
      const subscription = this.subscriptions.get(this.tokens.get(payload?.token));
      if (type === 'unbind-from-token') {
        if (subscription) {
          socket.bound.delete(subscription.id);
          this.subscriptions.delete(subscription.id);
        }
        return;
      }
      if (!subscription) return this.send(socket, outcome('invalid', 'Token failed to validate. Check token expiry.'));
      socket.bound.add(subscription.id);
      this.handshake(socket, subscription);
    });
  }

  heartbeat() {
    this.beats += 1;
    for (const socket of this.sockets) {
      const bound = [...socket.bound].map((id) => this.subscriptions.get(id)).filter(Boolean);
      if (bound.length === 0) continue;
      const statuses = bound.map((subscription) => this.statusOf(subscription, 'heartbeat'));
      if (this.dialect === 'medplum') {
        this.send(socket, this.notification(statuses[0], statuses.slice(1).map((resource) => ({ resource }))));
      } else {
        for (const status of statuses) this.send(socket, this.notification(status));
      }
    }
  }
}
