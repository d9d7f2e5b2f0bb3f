import { nullTranslator } from '@jupyterlab/translation';
import type { IService } from '../src/model/service';
import { reportOf, rowsOf, workerRows } from '../src/words/service';

const trans = nullTranslator.load('jupyter_wrangler');
const NOW = new Date('2026-11-22T15:00:00Z');

function service(change: Partial<IService> = {}): IService {
  return {
    health: {
      status: 'ok',
      version: '0.1.0',
      checks: { database: 'ok', redis: 'ok' },
      warnings: [],
      workers: 2,
      resting: false,
      slots: 4,
      queued: 3,
      running: 1,
      idle_s: 0,
      streams: 1
    },
    me: {
      kind: 'hub',
      name: 'alice',
      admin: false,
      quota: {
        max_running: 2,
        max_queued: 100,
        max_bytes: 10_000_000_000,
        max_jobs: 500,
        max_results: 50
      },
      usage: {
        running: 1,
        queued: 3,
        bytes: 1_500_000_000,
        jobs: 17,
        results: 4
      }
    } as unknown as IService['me'],
    workers: null,
    queues: null,
    ...change
  };
}

function said(found: IService): Record<string, string> {
  return Object.fromEntries(
    rowsOf(found, trans).map(({ label, value }) => [label, value])
  );
}

test('everybody sees workers, queue, use and version', () => {
  expect(said(service())).toMatchObject({
    Workers: '2 online, 4 places for parts',
    Queue: '3 waiting, 1 running',
    'Your storage': '1.5 GB of 10 GB',
    'Your running jobs': '1 of 2',
    Database: 'answers',
    You: 'alice',
    Version: '0.1.0'
  });
  expect(said(service())).not.toHaveProperty('Oldest wait');
});

test('administrators see who waits longest, and workers that are gone', () => {
  const found = service({
    queues: [
      {
        name: 'parts',
        waiting: 1,
        queued: 1,
        dispatched: 0,
        running: 0,
        oldest_wait_s: 75
      }
    ],
    workers: [
      {
        id: 'w1',
        host: 'node1',
        pid: 17,
        version: '0.0.9',
        queues: ['parts'],
        slots: 2,
        running: 1,
        draining: false,
        alive: false,
        started_at: '2026-11-22T14:00:00Z',
        heartbeat_at: '2026-11-22T14:58:00Z'
      }
    ]
  });
  expect(said(found)['Oldest wait']).toBe('1 min 15 s');
  expect(workerRows(found, NOW, trans)).toEqual([
    {
      // eslint-disable-next-line jupyter/no-untranslated-string
      label: 'node1 17',
      value: 'not heard of for 2 min 0 s · version 0.0.9',
      bad: true
    }
  ]);
});

test('the report says what is wrong first, and gives no address away', () => {
  const health = { ...service().health, workers: 0 };
  const lines = reportOf(service({ health }), null, NOW, trans).split('\n');
  expect(lines[1]).toBe('No worker is running');
  const problem = {
    code: 'internal',
    message: 'redis://:secret@10.0.0.1 refused'
  };
  const report = reportOf(null, problem, NOW, trans);
  expect(report).toContain('internal');
  expect(report).not.toContain('secret');
});
