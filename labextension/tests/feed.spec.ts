import { ServerConnection } from '@jupyterlab/services';
import { WranglerApi } from '../src/model/api';
import { JobFeed } from '../src/model/feed';
import { job, tick } from './job';

/** The browser's stream, which jsdom lacks. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;

  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  tell(type: string, data: unknown = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

interface IAnswer {
  status: number;
  body: unknown;
}

type Answer = () => IAnswer | Promise<IAnswer>;

const HEALTHY = {
  status: 'ok',
  checks: { database: 'ok', redis: 'ok' },
  workers: 1
};
/** Verb and path -> what the service answers. */
let answers: Map<string, Answer>;
let asked: string[];
/** Whether answers begin, and do not go on. */
let stalls = false;
let feed: JobFeed;

function answer(what: string, status: number, body: unknown): void {
  answers.set(what, () => ({ status, body }));
}

async function fetch(request: RequestInfo | URL): Promise<Response> {
  const { method, url } = request as Request;
  const what = `${method} ${new URL(url).pathname.replace(/.*\/v1/, '')}`;
  asked.push(what);
  const found = answers.get(what);
  if (!found) {
    throw new TypeError('Failed to fetch');
  }
  const { status, body } = await found();
  if (stalls) {
    const { signal } = request as Request;
    return {
      ok: true,
      status,
      json: () =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        })
    } as Response;
  }
  return {
    ok: status < 400,
    status,
    json: () =>
      body === undefined
        ? Promise.reject(new SyntaxError('not JSON'))
        : Promise.resolve(body)
  } as Response;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await new Promise(done => setTimeout(done, 5));
  }
}

class FakeRequest {
  readonly headers = new Map<string, string>();
  readonly method: string;
  readonly signal: AbortSignal | null | undefined;

  constructor(
    readonly url: string,
    init: RequestInit
  ) {
    this.method = init.method ?? 'GET';
    this.signal = init.signal;
  }
}

beforeEach(() => {
  Object.assign(globalThis, {
    EventSource: Stream,
    fetch,
    Headers: Map,
    Request: FakeRequest
  });
  Stream.all = [];
  asked = [];
  answers = new Map();
  answer('GET /jobs', 200, { items: [job()], next: null });
  answer('GET /health/ready', 200, HEALTHY);
  const settings = ServerConnection.makeSettings({
    baseUrl: `${location.origin}/user/ada/`
  });
  feed = new JobFeed(new WranglerApi(settings));
});

afterEach(() => {
  feed.stop();
});

test('nothing is asked for until somebody looks', async () => {
  await settle();
  expect(asked).toEqual([]);
  expect(Stream.all).toEqual([]);
});

test('the stream is opened below the base URL and tells the rest', async () => {
  feed.start();
  await settle();
  expect(Stream.all.map(({ url }) => url)).toEqual([
    `${location.origin}/user/ada/api/wrangler/v1/events`
  ]);
  const [stream] = Stream.all;
  stream?.tell('ready');
  expect(feed.state.live).toBe(true);
  stream?.tell('progress', tick({ done: 10 }));
  expect(feed.state.jobs[0]?.progress?.done).toBe(10);
  stream?.tell('job', job({ state: 'failed' }));
  expect(feed.state.jobs[0]?.state).toBe('failed');
});

test('while events come, jobs are not asked for', async () => {
  feed.start();
  await settle();
  Stream.all[0]?.tell('ready');
  asked = [];
  await (
    feed as unknown as { poll: { refresh(): Promise<void> } }
  ).poll.refresh();
  await settle();
  expect(asked).toEqual(['GET /health/ready']);
});

test('what was deleted elsewhere goes from the list, also while events come', async () => {
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'performance'] });
  try {
    feed.start();
    await settle();
    Stream.all[0]?.tell('ready');
    answer('GET /jobs', 200, { items: [], next: null });
    jest.setSystemTime(Date.now() + 31_000);
    await (
      feed as unknown as { poll: { refresh(): Promise<void> } }
    ).poll.refresh();
    await settle();
    expect(feed.state.jobs).toEqual([]);
    expect(Stream.all).toHaveLength(1);
  } finally {
    jest.useRealTimers();
  }
});

test('what was refused is no matter any more when the job has ended', async () => {
  feed.start();
  await settle();
  await feed.cancel(job().id);
  expect(feed.state.refused.size).toBe(1);
  Stream.all[0]?.tell('job', job({ name: 'still running' }));
  expect(feed.state.refused.size).toBe(1);
  const ended = { finished_at: '2026-11-22T14:05:00Z' };
  Stream.all[0]?.tell('job', job({ state: 'succeeded', ...ended }));
  expect(feed.state.refused.size).toBe(0);
});

test('a refused stream is replaced by asking, and tried again', async () => {
  feed.start();
  await settle();
  const [stream] = Stream.all;
  stream?.tell('ready');
  asked = [];
  stream?.close();
  stream?.tell('error');
  expect(feed.state.live).toBe(false);
  await settle();
  expect(asked).toContain('GET /jobs');
  expect(Stream.all).toHaveLength(2);
});

test('a stream that breaks again and again is not opened without a list', async () => {
  feed.start();
  await settle();
  Stream.all[0]?.tell('ready');
  answer('GET /jobs', 503, { code: 'database_unreachable', message: 'x' });
  Stream.all[0]?.tell('error');
  await settle();
  expect(Stream.all).toHaveLength(1);
  expect(Stream.all[0]?.readyState).toBe(Stream.CLOSED);
  expect(feed.state.problem?.code).toBe('database_unreachable');
});

test('letting go closes the stream', async () => {
  feed.start();
  await settle();
  feed.stop();
  expect(Stream.all[0]?.readyState).toBe(Stream.CLOSED);
  expect(feed.state.jobs).toHaveLength(1);
});

test('cancel is shown at once and confirmed by the answer', async () => {
  feed.start();
  await settle();
  const path = `POST /jobs/${job().id}/cancel`;
  answer(path, 202, job({ state: 'cancelling' }));
  const asking = feed.cancel(job().id);
  expect(feed.state.cancelling.has(job().id)).toBe(true);
  await asking;
  expect(feed.state.cancelling.size).toBe(0);
  expect(feed.state.jobs[0]?.state).toBe('cancelling');
});

/** Hold an answer back until it is let go. */
function hold(what: string, status: number, body: unknown): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>(done => {
    release = done;
  });
  answers.set(what, () => held.then(() => ({ status, body })));
  return release;
}

test('an answer that events have overtaken does not undo them', async () => {
  feed.start();
  await settle();
  const release = hold(
    `POST /jobs/${job().id}/cancel`,
    202,
    job({ state: 'cancelling' })
  );
  answer(`GET /jobs/${job().id}`, 200, job({ state: 'cancelled' }));
  const asking = feed.cancel(job().id);
  await settle();
  Stream.all[0]?.tell('job', job({ state: 'cancelling' }));
  Stream.all[0]?.tell('job', job({ state: 'cancelled' }));
  release();
  await asking;
  expect(feed.state.jobs[0]?.state).toBe('cancelled');
  expect(feed.state.cancelling.size).toBe(0);
});

test('the answer to a retry does not undo the cancel after it', async () => {
  answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
  feed.start();
  await settle();
  const { id } = job();
  const release = hold(`POST /jobs/${id}/retry`, 202, job({ state: 'queued' }));
  const again = feed.retry(id);
  answer(`POST /jobs/${id}/cancel`, 202, job({ state: 'cancelled' }));
  await feed.cancel(id);
  answer(`GET /jobs/${id}`, 200, job({ state: 'cancelled' }));
  release();
  await again;
  expect(feed.state.jobs[0]?.state).toBe('cancelled');
});

test('a list that events have overtaken does not undo them', async () => {
  feed.start();
  await settle();
  const release = hold('GET /jobs', 200, { items: [job()], next: null });
  const asking = feed.refresh();
  await settle();
  answer(
    `POST /jobs/${job().id}/cancel`,
    202,
    job({ state: 'cancelled', finished_at: '2026-11-22T14:05:00Z' })
  );
  await feed.cancel(job().id);
  release();
  await asking;
  expect(feed.state.jobs[0]?.state).toBe('cancelled');
});

test('a job that ended before the cancel is shown as it ended', async () => {
  feed.start();
  await settle();
  answer(`POST /jobs/${job().id}/cancel`, 409, {
    code: 'job_already_finished',
    message: 'x'
  });
  answer(`GET /jobs/${job().id}`, 200, job({ state: 'failed' }));
  await feed.cancel(job().id);
  expect(feed.state.jobs[0]?.state).toBe('failed');
  expect(feed.state.refused.size).toBe(0);
});

test('a cancel that fails says why, and lets one try again', async () => {
  feed.start();
  await settle();
  await feed.cancel(job().id);
  expect(feed.state.refused.get(job().id)?.problem.code).toBe(
    'jupyter_unreachable'
  );
  expect(feed.state.cancelling.size).toBe(0);
});

test('a retry is shown at once and confirmed by the answer', async () => {
  answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
  feed.start();
  await settle();
  const path = `POST /jobs/${job().id}/retry`;
  answer(path, 202, job({ state: 'queued', started_at: null }));
  const asking = feed.retry(job().id);
  expect(feed.state.retrying.has(job().id)).toBe(true);
  await asking;
  expect(feed.state.retrying.size).toBe(0);
  expect(feed.state.jobs[0]?.state).toBe('queued');
  Stream.all[0]?.tell('job', job({ state: 'succeeded' }));
  expect(feed.state.jobs[0]?.state).toBe('succeeded');
});

test.each([
  ['job_already_finished', 'succeeded'],
  ['conflict', 'running']
] as const)(
  'a retry that came too late (%s) shows the job as it is',
  async (code, state) => {
    answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
    feed.start();
    await settle();
    answer(`POST /jobs/${job().id}/retry`, 409, { code, message: 'x' });
    answer(`GET /jobs/${job().id}`, 200, job({ state }));
    await feed.retry(job().id);
    expect(feed.state.jobs[0]?.state).toBe(state);
    expect(feed.state.refused.size).toBe(0);
  }
);

test('a retry that fails says why, and lets one try again', async () => {
  answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
  feed.start();
  await settle();
  answer(`POST /jobs/${job().id}/retry`, 429, {
    code: 'quota_exceeded',
    message: 'Too many.'
  });
  await feed.retry(job().id);
  expect(feed.state.refused.get(job().id)).toEqual({
    action: 'retry',
    problem: { code: 'quota_exceeded', message: 'Too many.' }
  });
  expect(feed.state.retrying.size).toBe(0);
  expect(feed.state.jobs[0]?.state).toBe('failed');
});

test.each([
  [503, { code: 'database_unreachable', message: 'x' }, 'database_unreachable'],
  [503, { code: 'service_unreachable', message: 'x' }, 'service_unreachable'],
  [404, { message: 'Not Found', reason: null }, 'extension_missing'],
  [404, undefined, 'extension_missing'],
  [403, { message: 'Forbidden' }, 'not_allowed'],
  [502, undefined, 'service_unreachable']
])('%d %p is the problem %s', async (status, body, code) => {
  answer('GET /jobs', status, body);
  feed.start();
  await settle();
  expect(feed.state.problem?.code).toBe(code);
  expect(Stream.all).toEqual([]);
});

test('an answer whose body stalls is given up, and asked for again', async () => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  try {
    stalls = true;
    feed.start();
    await jest.advanceTimersByTimeAsync(31_000);
    expect(feed.state.problem?.code).toBe('service_unreachable');
    stalls = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(feed.state.problem).toBeNull();
    expect(feed.state.jobs).toHaveLength(1);
  } finally {
    stalls = false;
    jest.useRealTimers();
  }
});

test('a service that is ready to say it is down is believed', async () => {
  answer('GET /health/ready', 503, {
    ...HEALTHY,
    status: 'degraded',
    checks: { database: 'ok', redis: 'does not answer' }
  });
  feed.start();
  await settle();
  expect(feed.state.problem?.code).toBe('redis_unreachable');
  expect(feed.state.jobs).toHaveLength(1);
});

test('the summary of a finished job is read once', async () => {
  const done = job({ state: 'succeeded' });
  const summary = {
    n_rows: 3,
    n_columns: 1,
    n_missing: 1,
    n_imputed: 1,
    columns: []
  };
  answer('GET /jobs', 200, { items: [done], next: null });
  answer(`GET /jobs/${done.id}`, 200, { ...done, summary });
  feed.start();
  await settle();
  expect(feed.state.jobs[0]?.summary).toEqual(summary);
  Stream.all[0]?.tell('job', done);
  await settle();
  expect(feed.state.jobs[0]?.summary).toEqual(summary);
  expect(asked.filter(what => what.endsWith(done.id))).toHaveLength(1);
});

test('a list that can no longer be asked for is kept as stale', async () => {
  feed.start();
  await settle();
  expect(feed.state.stale).toBe(false);
  answers.delete('GET /jobs');
  await feed.refresh();
  await settle();
  expect(feed.state.stale).toBe(true);
  expect(feed.state.jobs).toHaveLength(1);
});

test('several views share one stream, which ends with the last of them', async () => {
  const [panel, card] = [{}, {}];
  feed.start(panel);
  feed.start(card);
  await settle();
  expect(Stream.all).toHaveLength(1);
  feed.stop(panel);
  expect(Stream.all[0]?.readyState).not.toBe(Stream.CLOSED);
  feed.stop(card);
  expect(Stream.all[0]?.readyState).toBe(Stream.CLOSED);
});

test('a followed job that is not listed is asked for, and kept true by events', async () => {
  const old = job({ id: '6b2a8f0e-0000-4000-8000-00000000000f' });
  answer(`GET /jobs/${old.id}`, 200, old);
  feed.follow(old.id);
  feed.start();
  await settle();
  expect(feed.state.followed.map(({ id }) => id)).toEqual([old.id]);
  Stream.all[0]?.tell('progress', tick({ job_id: old.id, done: 49 }));
  expect(feed.state.followed[0]?.progress?.done).toBe(49);
  const ended = { ...old, state: 'failed', finished_at: old.started_at };
  Stream.all[0]?.tell('job', ended);
  expect(feed.state.followed[0]?.state).toBe('failed');
  feed.unfollow(old.id);
  expect(feed.state.followed).toEqual([]);
});

test('a followed job that the service does not know is known to be unknown', async () => {
  const gone = '6b2a8f0e-0000-4000-8000-0000000000aa';
  answer(`GET /jobs/${gone}`, 404, { code: 'job_not_found', message: 'None.' });
  feed.follow(gone);
  feed.start();
  await settle();
  expect([...feed.state.unknown]).toEqual([gone]);
  expect(asked.filter(what => what === `GET /jobs/${gone}`)).toHaveLength(1);
});

test('a followed job that was deleted elsewhere is told to its card', async () => {
  const { id } = job({ state: 'failed' });
  answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
  feed.follow(id);
  feed.start();
  await settle();
  expect(feed.state.followed).toHaveLength(1);
  answer('GET /jobs', 200, { items: [], next: null });
  await feed.refresh();
  await settle();
  expect([...feed.state.unknown]).toEqual([id]);
  expect(feed.state.followed).toEqual([]);
});

test('an action on a job that was deleted elsewhere tells its card', async () => {
  const { id } = job({ state: 'failed' });
  answer('GET /jobs', 200, { items: [job({ state: 'failed' })], next: null });
  answer(`POST /jobs/${id}/retry`, 404, {
    code: 'job_not_found',
    message: 'None.'
  });
  feed.follow(id);
  feed.start();
  await settle();
  await feed.retry(id);
  expect([...feed.state.unknown]).toEqual([id]);
  expect(feed.state.refused.size).toBe(0);
});

test('a place in the queue is followed while the job waits', async () => {
  const waits = job({ state: 'queued' });
  answer('GET /jobs', 200, { items: [waits], next: null });
  feed.follow(waits.id);
  feed.start();
  await settle();
  const queue = { place: 3, reason: 'slots', n_own: 0, own: [], n_others: 2 };
  Stream.all[0]?.tell('queue', { job_id: waits.id, queue });
  expect(feed.state.followed[0]?.queue?.place).toBe(3);
});
