// Starts `fhirscope serve` and waits until it says where it listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const clientId = '0b1c0000-0000-4000-8000-000000000001';
export const clientSecret = 'not-a-real-secret';

const program = process.env.FHIRSCOPE_BIN ?? process.env.FHIRSCOPE;

export async function startServer(...more) {
  if (!program) {
    throw new Error('Set FHIRSCOPE_BIN to the fhirscope program, as in FHIRSCOPE_BIN=build/release/bin/fhirscope');
  }
  const options = ['--port', '0', '--client-id', clientId, '--client-secret', clientSecret, ...more];
  const child = spawn(program, ['serve', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const baseUrl = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} serve ended with ${code} before it listened`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening on (http:\/\/\S+\/)$/.exec(line);
      if (match) {
        resolve(match[1]);
      }
    });
  });
  return {
    baseUrl,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      return child.exitCode;
    },
  };
}
