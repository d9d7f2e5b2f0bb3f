import type { Job } from '../src/model/contract';
import type { JobFeed } from '../src/model/feed';
import { JobWatch } from '../src/model/watch';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { ending, together } from '../src/words/watch';
import { job, summary, tick } from './job';

const trans = nullTranslator.load('jupyter_wrangler');

/** The part of the feed that a watch uses, told by the test. */
class Told {
  readonly changed = new Signal<this, object>(this);
  readonly views = new Set<object>();
  state = { jobs: [] as Job[], followed: [] as Job[], loaded: false };

  start(view: object): void {
    this.views.add(view);
  }

  stop(view: object): void {
    this.views.delete(view);
  }

  tell(jobs: Job[], followed: Job[] = []): void {
    this.state = { jobs, followed, loaded: true };
    this.changed.emit(this.state);
  }
}

function watched(): { told: Told; watch: JobWatch; ended: string[] } {
  const told = new Told();
  const watch = new JobWatch(told as unknown as JobFeed);
  const ended: string[] = [];
  watch.ended.connect((_, one) => {
    ended.push(`${one.name ?? ''} ${one.state}`);
  });
  return { told, watch, ended };
}

beforeEach(() => {
  sessionStorage.clear();
});

test('it holds the stream exactly while a job goes on', () => {
  const { told } = watched();
  expect(told.views.size).toBe(0);
  told.tell([job()]);
  expect(told.views.size).toBe(1);
  told.tell([job({ state: 'succeeded' })]);
  expect(told.views.size).toBe(0);
});

test('it tells of the ends of jobs that it saw go on, and of each once', () => {
  const { told, ended } = watched();
  told.tell([job({ id: 'old', name: 'old', state: 'succeeded' })]);
  told.tell([], [job()]);
  told.tell([job({ state: 'succeeded' })], [job({ state: 'succeeded' })]);
  told.tell([job({ state: 'succeeded' })]);
  expect(ended).toEqual(['penguins succeeded']);
});

test('after a reload it asks for the jobs that went on, and tells of their ends', () => {
  watched().told.tell([job()]);
  const { told, ended } = watched();
  expect(told.views.size).toBe(1);
  told.tell([job({ state: 'failed' })]);
  expect(ended).toEqual(['penguins failed']);
  expect(told.views.size).toBe(0);
});

test('a broken memory is none', () => {
  sessionStorage.setItem('jupyter-wrangler:open-jobs', '{"a');
  expect(watched().told.views.size).toBe(0);
});

test('a browser that keeps nothing is no obstacle', () => {
  const blocked = (): never => {
    throw new DOMException('Access is denied.', 'SecurityError');
  };
  const kept = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage');
  Object.defineProperty(globalThis, 'sessionStorage', {
    configurable: true,
    get: blocked
  });
  try {
    const { told, ended } = watched();
    told.tell([job()]);
    told.tell([job({ state: 'succeeded' })]);
    expect(ended).toEqual(['penguins succeeded']);
  } finally {
    Object.defineProperty(globalThis, 'sessionStorage', kept ?? {});
  }
});

test('a memory that is full is no obstacle', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new DOMException('Full.', 'QuotaExceededError');
    }
  } as unknown as Storage;
  const told = new Told();
  const watch = new JobWatch(told as unknown as JobFeed, full);
  told.tell([job()]);
  expect(watch.open).toHaveLength(1);
});

test('jobs are told together: how many, and how far', () => {
  const half = job({ progress: tick({ done: 25, total: 50 }) });
  expect(together([half], trans)).toBe('1 job, 50 %');
  expect(together([half, job({ state: 'queued' })], trans)).toBe(
    '2 jobs, 25 %'
  );
});

test('an end says what it brought, or why not', () => {
  const done = job({ state: 'succeeded', summary: summary({ age: 3 }) });
  expect(ending(done, trans)).toMatch(/^Job penguins is done\. Filled 3 of 3/);
  const error = { code: 'internal', message: 'It needed 11 GB.' };
  expect(ending(job({ state: 'failed', error }), trans)).toBe(
    'Job penguins: Failed. It needed 11 GB.'
  );
});
