/**
 * One stream of events for all pages of a user in a browser.
 *
 * A browser allows six connections per server over HTTP/1.1 for all its tabs together.
 * The page that holds a lock keeps the stream and passes each event on over a
 * BroadcastChannel.  When it closes or cannot be seen any more, another page gets the
 * lock and opens the stream.  A browser has locks in a secure context only (HTTPS, or
 * this machine); elsewhere each page keeps a stream of its own.
 */
import type { WranglerApi } from './api';
import type { IQueueUpdate, Job, Progress } from './contract';
import { type IStreamHandlers, JobStream, streamsByCookie } from './job-stream';

/** What one page tells the others. */
type IMessage =
  /** A page has come, and asks whether there is a stream. */
  | { type: 'hello' }
  | { type: 'ready' }
  | { type: 'failed' }
  | { type: 'job'; body: Job }
  | { type: 'progress'; body: Progress }
  | { type: 'queue'; body: IQueueUpdate };

/** A page's place among the pages that share a stream. */
interface IMembership {
  channel: BroadcastChannel;
  /** Ends the wait for the lock. */
  waiting: AbortController;
  /** Gives the lock back; set while it is held. */
  release?: () => void;
}

/** Gives the name under which pages share: one user at one server; null while it is not known. */
export type Audience = () => string | null;

export class SharedStream {
  constructor(
    private readonly api: WranglerApi,
    private readonly on: IStreamHandlers,
    private readonly audience: Audience
  ) {
    this.own = new JobStream(api, {
      ready: () => {
        this.ready = true;
        this.pass({ type: 'ready' });
      },
      failed: () => {
        this.pass({ type: 'failed' });
      },
      job: body => {
        this.pass({ type: 'job', body });
      },
      progress: body => {
        this.pass({ type: 'progress', body });
      },
      queue: body => {
        this.pass({ type: 'queue', body });
      }
    });
  }

  /** Listen to the shared stream, or open one. */
  open(): void {
    if (this.membership) {
      return;
    }
    const name = this.name();
    if (name === null) {
      this.own.open();
    } else {
      this.join(name);
    }
  }

  /** Listen no more; another page goes on with the stream. */
  close(): void {
    const { membership } = this;
    this.membership = null;
    this.ready = false;
    this.own.close();
    membership?.waiting.abort();
    membership?.release?.();
    membership?.channel.close();
  }

  /** Under which name pages share; null where they cannot. */
  private name(): string | null {
    const shares = 'locks' in navigator && 'BroadcastChannel' in globalThis;
    const audience = this.audience();
    if (!shares || audience === null || !streamsByCookie(this.api.settings)) {
      return null;
    }
    return `jupyter-wrangler:${this.api.url('events')}:${audience}`;
  }

  private join(name: string): void {
    const membership: IMembership = {
      channel: new BroadcastChannel(name),
      waiting: new AbortController()
    };
    this.membership = membership;
    const { channel, waiting } = membership;
    channel.addEventListener('message', event => {
      this.hear(event.data as IMessage);
    });
    channel.postMessage({ type: 'hello' } satisfies IMessage);
    const hold = (): Promise<void> | undefined => {
      if (waiting.signal.aborted) {
        return undefined;
      }
      this.own.open();
      return new Promise(release => {
        membership.release = release;
      });
    };
    navigator.locks
      .request(name, { signal: waiting.signal }, hold)
      .catch(() => {
        // the wait was ended, or the page may hold no locks
        if (!waiting.signal.aborted) {
          this.own.open();
        }
      });
  }

  /** Take what another page tells. */
  private hear(message: IMessage): void {
    if (message.type !== 'hello') {
      this.take(message);
    } else if (this.ready) {
      this.membership?.channel.postMessage({
        type: 'ready'
      } satisfies IMessage);
    }
  }

  /** Tell the other pages and this one. */
  private pass(message: Exclude<IMessage, { type: 'hello' }>): void {
    this.membership?.channel.postMessage(message);
    this.take(message);
  }

  private take(message: Exclude<IMessage, { type: 'hello' }>): void {
    switch (message.type) {
      case 'ready':
        this.on.ready();
        break;
      case 'failed':
        this.on.failed();
        break;
      case 'job':
        this.on.job(message.body);
        break;
      case 'progress':
        this.on.progress(message.body);
        break;
      case 'queue':
        this.on.queue(message.body);
        break;
    }
  }

  private readonly own: JobStream;
  private membership: IMembership | null = null;
  /** Whether this page's stream is open and tells all changes. */
  private ready = false;
}
