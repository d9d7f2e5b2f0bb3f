import { ServerConnection } from '@jupyterlab/services';
import { WranglerApi } from '../src/model/api';
import type { IStreamHandlers } from '../src/model/job-stream';
import { SharedStream } from '../src/model/shared-stream';
import { job, tick } from './job';

/** The browser's stream, which jsdom lacks. */
class Stream extends EventTarget {
  static open: Stream[] = [];

  constructor(readonly url: string) {
    super();
    Stream.open.push(this);
  }

  close(): void {
    Stream.open = Stream.open.filter(one => one !== this);
  }

  tell(type: string, data: unknown = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

/** The browser's channel between pages, which jsdom lacks: all others of a name hear. */
class Channel extends EventTarget {
  static open = new Set<Channel>();

  constructor(readonly name: string) {
    super();
    Channel.open.add(this);
  }

  postMessage(data: unknown): void {
    const copy: unknown = JSON.parse(JSON.stringify(data));
    for (const other of Channel.open) {
      if (other !== this && other.name === this.name) {
        other.dispatchEvent(new MessageEvent('message', { data: copy }));
      }
    }
  }

  close(): void {
    Channel.open.delete(this);
  }
}

type Held = () => Promise<void> | undefined;

/** The browser's locks, which jsdom lacks: first come, first served. */
class Locks {
  private readonly queues = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    options: { signal: AbortSignal },
    held: Held
  ): Promise<void> {
    const before = this.queues.get(name) ?? Promise.resolve();
    const turn = before.then(() =>
      options.signal.aborted ? undefined : held()
    );
    this.queues.set(name, turn);
    await turn;
    options.signal.throwIfAborted();
  }
}

/** A page: what it was told, and its stream. */
class Tab {
  readonly told: string[] = [];
  readonly stream: SharedStream;

  constructor(audience: string | null = 'ada') {
    const on: IStreamHandlers = {
      ready: () => this.told.push('ready'),
      failed: () => this.told.push('failed'),
      job: ({ state }) => this.told.push(state),
      progress: ({ done }) => this.told.push(String(done)),
      queue: ({ job_id }) => this.told.push(job_id)
    };
    this.stream = new SharedStream(api, on, () => audience);
  }
}

// what the settings look for; nothing is asked for here
Object.assign(globalThis, { fetch: null, Headers: Map, Request: null });
const settings = ServerConnection.makeSettings({
  baseUrl: `${location.origin}/user/ada/`
});
const api = new WranglerApi(settings);

async function settle(): Promise<void> {
  await new Promise(done => setTimeout(done, 5));
}

async function opened(...pages: Tab[]): Promise<void> {
  for (const page of pages) {
    page.stream.open();
    await settle();
  }
}

beforeEach(() => {
  Stream.open = [];
  Channel.open.clear();
  Object.assign(globalThis, { EventSource: Stream, BroadcastChannel: Channel });
  Object.defineProperty(navigator, 'locks', {
    value: new Locks(),
    configurable: true
  });
});

test('pages of a user hold one stream, and all hear the same', async () => {
  const [first, second] = [new Tab(), new Tab()];
  await opened(first, second);
  expect(Stream.open).toHaveLength(1);
  Stream.open[0]?.tell('ready');
  Stream.open[0]?.tell('job', job({ state: 'failed' }));
  Stream.open[0]?.tell('progress', tick({ done: 10 }));
  Stream.open[0]?.tell('queue', { job_id: 'one', queue: null });
  for (const page of [first, second]) {
    expect(page.told).toEqual(['ready', 'failed', '10', 'one']);
  }
});

test('who comes later hears at once that the stream is open', async () => {
  const [first, second] = [new Tab(), new Tab()];
  await opened(first);
  Stream.open[0]?.tell('ready');
  await opened(second);
  expect(second.told).toEqual(['ready']);
  expect(first.told).toEqual(['ready']);
});

test('when the page with the stream closes, the next one opens it', async () => {
  const [first, second, third] = [new Tab(), new Tab(), new Tab()];
  await opened(first, second, third);
  first.stream.close();
  expect(Stream.open).toHaveLength(0);
  await settle();
  expect(Stream.open).toHaveLength(1);
  Stream.open[0]?.tell('ready');
  expect([first.told, second.told, third.told]).toEqual([
    [],
    ['ready'],
    ['ready']
  ]);
});

test('a page that closes while it waits never opens a stream', async () => {
  const [first, second] = [new Tab(), new Tab()];
  await opened(first, second);
  second.stream.close();
  first.stream.close();
  await settle();
  expect(Stream.open).toHaveLength(0);
  expect(Channel.open.size).toBe(0);
  await opened(second);
  expect(Stream.open).toHaveLength(1);
});

test('a failure is told to all, and each may open again', async () => {
  const [first, second] = [new Tab(), new Tab()];
  await opened(first, second);
  Stream.open[0]?.dispatchEvent(new Event('error'));
  expect([first.told, second.told]).toEqual([['failed'], ['failed']]);
  first.stream.close();
  second.stream.close();
  await opened(second, first);
  Stream.open[0]?.tell('ready');
  expect([first.told, second.told]).toEqual([
    ['failed', 'ready'],
    ['failed', 'ready']
  ]);
  expect(Stream.open).toHaveLength(1);
});

test('another user at the same address shares nothing', async () => {
  const [ada, bob] = [new Tab('ada'), new Tab('bob')];
  await opened(ada, bob);
  expect(Stream.open).toHaveLength(2);
  Stream.open[0]?.tell('job', job({ state: 'failed' }));
  expect([ada.told, bob.told]).toEqual([['failed'], []]);
});

test.each(['locks', 'BroadcastChannel', 'audience'])(
  'without %s each page has a stream of its own',
  async what => {
    Reflect.deleteProperty(what === 'locks' ? navigator : globalThis, what);
    const name = what === 'audience' ? null : 'ada';
    const [first, second] = [new Tab(name), new Tab(name)];
    await opened(first, second);
    expect(Stream.open).toHaveLength(2);
  }
);

test('where the browser refuses the lock, the page has a stream of its own', async () => {
  Object.defineProperty(navigator, 'locks', {
    value: { request: () => Promise.reject(new Error('SecurityError')) },
    configurable: true
  });
  await opened(new Tab());
  expect(Stream.open).toHaveLength(1);
});
