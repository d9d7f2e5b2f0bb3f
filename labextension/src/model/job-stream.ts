/**
 * The stream of events of jobs, as an EventSource.
 */
import type { ServerConnection } from '@jupyterlab/services';
import type { WranglerApi } from './api';
import type { IQueueUpdate, Job, Progress } from './contract';

/** What is done with the events. */
export interface IStreamHandlers {
  /** The stream is open, and will tell all changes from now on. */
  ready: () => void;
  job: (job: Job) => void;
  progress: (progress: Progress) => void;
  queue: (update: IQueueUpdate) => void;
  /** It has failed, for whatever reason: an EventSource does not tell which. */
  failed: () => void;
}

/** Whether the page is from the server: an EventSource sends the cookie and nothing else. */
export function streamsByCookie(settings: ServerConnection.ISettings): boolean {
  return new URL(settings.baseUrl, location.href).origin === location.origin;
}

export class JobStream {
  constructor(
    private readonly api: WranglerApi,
    private readonly on: IStreamHandlers
  ) {}

  /** Open the stream, unless it is open or the page is from elsewhere. */
  open(): void {
    if (this.source || !streamsByCookie(this.api.settings)) {
      return;
    }
    const source = new EventSource(this.api.url('events'));
    this.source = source;
    source.addEventListener('ready', () => {
      this.on.ready();
    });
    source.addEventListener('job', event => {
      this.on.job(JSON.parse(event.data as string) as Job);
    });
    source.addEventListener('progress', event => {
      this.on.progress(JSON.parse(event.data as string) as Progress);
    });
    source.addEventListener('queue', event => {
      this.on.queue(JSON.parse(event.data as string) as IQueueUpdate);
    });
    source.addEventListener('error', () => {
      this.on.failed();
    });
  }

  close(): void {
    this.source?.close();
    this.source = null;
  }

  private source: EventSource | null = null;
}
