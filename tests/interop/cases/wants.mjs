// What cases want of a result.
import assert from 'node:assert/strict';

// In sync at the end, and said so.
export function inSync(result) {
  assert.equal(result.summary.server_equal, true, `server_equal is ${result.summary.server_equal}; incidents: ${result.found}; ${result.stderr}`);
  assert.equal(result.exit, 0, `exit code ${result.exit}`);
}

// The newest version of the resource that was shown.
export function shows(result, key, version) {
  const outcomes = result.outcomes(key);
  const shown = outcomes.filter((text) => /^(applied|deleted)/.test(text)).at(-1);
  assert.equal(shown, version, `outcomes of ${key}: ${outcomes.join(', ') || 'none'}`);
}

export function says(result, ...ids) {
  for (const id of ids) assert.ok(result.found.includes(id), `${id} is not among the incidents: ${result.found}`);
}

export function doesNotSay(result, ...ids) {
  for (const id of ids) assert.ok(!result.found.includes(id), `${id} is among the incidents: ${result.found}`);
}

// No Subscription stands when the program has ended.
export function leavesNothing(result) {
  assert.equal(result.server.subscriptions.size, 0, `${result.server.subscriptions.size} Subscriptions are left, of ${result.server.created} made`);
}

export function textOfIncidents(result) {
  return JSON.stringify(result.incidents);
}
