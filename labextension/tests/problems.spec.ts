import { nullTranslator } from '@jupyterlab/translation';
import type { Health } from '../src/model/contract';
import { problemOf } from '../src/model/problems';
import { adviceFor } from '../src/words/problems';

const trans = nullTranslator.load('jupyter_wrangler');

function health(change: Partial<Health> = {}): Health {
  return {
    status: 'ok',
    version: '0.1.0',
    checks: { database: 'ok', redis: 'ok' },
    warnings: [],
    workers: 1,
    resting: false,
    slots: 2,
    queued: 0,
    running: 0,
    idle_s: 0,
    streams: 0,
    ...change
  };
}

test('a healthy service is no problem', () => {
  expect(problemOf(health())).toBeNull();
});

test.each([
  [{ database: 'refused', redis: 'ok' }, 1, 'database_unreachable'],
  [{ database: 'ok', redis: 'refused' }, 1, 'redis_unreachable'],
  // without a database nobody can tell how many workers there are
  [{ database: 'refused', redis: 'refused' }, 0, 'database_unreachable'],
  [{ database: 'ok', redis: 'ok' }, 0, 'no_worker'],
  [{ database: 'ok', redis: 'ok', storage: 'full' }, 1, 'service_degraded']
])('%p with %d workers is %s', (checks, workers, code) => {
  expect(problemOf(health({ status: 'degraded', checks, workers }))?.code).toBe(
    code
  );
});

test('service, database, redis and worker are four different messages', () => {
  const titles = [
    'service_unreachable',
    'database_unreachable',
    'redis_unreachable',
    'no_worker'
  ].map(code => {
    const advice = adviceFor({ code, message: 'x' }, trans);
    expect(advice.command).toMatch(/^jupyter wrangler \w+$/);
    return advice.title;
  });
  expect(new Set(titles).size).toBe(4);
});

test('an unknown problem shows its sentence, cleaned', () => {
  const message = 'The disk of http://10.0.0.1:9000/ is full.';
  const { text } = adviceFor({ code: 'storage_full', message }, trans);
  expect(text).toBe('The disk of … is full.');
});
