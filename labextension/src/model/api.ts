/**
 * The panel's requests, through the Jupyter server that the page came from.
 *
 * `ServerConnection` adds the cookie and the XSRF token; no other secret exists
 * in the browser.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type {
  Health,
  Job,
  JobCard,
  JobChange,
  JobPage,
  Me,
  QueueList,
  WorkerList
} from './contract';
import type { IProblem } from './problems';

/** Milliseconds after which an answer is no longer waited for; the first request
 * of all may start the private servers, which takes seconds. */
const PATIENCE = 30_000;
/** The same for a file with all rows. */
const FILE_PATIENCE = 300_000;

/** Jobs that one answer holds at most. */
const PAGE = 200;

/** A request that did not bring what was asked for. */
export class RequestFailed extends Error {
  constructor(
    readonly problem: IProblem,
    /** What came instead, where it was JSON. */
    readonly body: unknown = null
  ) {
    super(problem.message);
  }
}

/** What was wrong with a request. */
export function asProblem(error: unknown): IProblem {
  return error instanceof RequestFailed
    ? error.problem
    : { code: 'wrangler_error', message: String(error) };
}

/** The code for an answer that is no problem body, by its status. */
function codeOf(status: number): string {
  switch (status) {
    case 401:
      return 'not_authenticated';
    case 403:
      return 'not_allowed';
    case 404:
      return 'extension_missing';
    default:
      return status >= 500 ? 'service_unreachable' : 'wrangler_error';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Read lines of JSON as they arrive. */
async function readLines(
  response: Response,
  tell: (line: unknown) => void
): Promise<unknown> {
  let last: unknown = null;
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter(Boolean)) {
      last = JSON.parse(line);
      tell(last);
    }
  };
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) {
      take('\n');
      return last;
    }
    take(decoder.decode(piece.value, { stream: true }));
  }
}

export class WranglerApi {
  constructor(
    readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {}

  url(...parts: string[]): string {
    return URLExt.join(this.settings.baseUrl, 'api/wrangler/v1', ...parts);
  }

  /** The newest jobs, asked for in pages where they are many. */
  async jobs(limit: number): Promise<JobPage> {
    const items: Job[] = [];
    let after: string | null | undefined;
    do {
      const query = URLExt.objectToQueryString({
        limit: Math.min(PAGE, limit - items.length),
        ...(after && { after })
      });
      const page = (await this.request(
        `${this.url('jobs')}${query}`
      )) as JobPage;
      items.push(...page.items);
      after = page.next;
    } while (after && items.length < limit);
    return { items, next: after ?? null };
  }

  /** Rename a job, or change its priority. */
  async change(id: string, change: JobChange): Promise<Job> {
    return (await this.send('PATCH', change, 'jobs', id)) as Job;
  }

  /** Delete a job that has ended. */
  async remove(id: string): Promise<void> {
    await this.send('DELETE', null, 'jobs', id);
  }

  /** Who one is to the service, and what one may use and does use. */
  async me(): Promise<Me> {
    return (await this.request(this.url('me'))) as Me;
  }

  /** The workers; for administrators. */
  async workers(): Promise<WorkerList> {
    return (await this.request(this.url('admin/workers'))) as WorkerList;
  }

  /** The queues; for administrators. */
  async queues(): Promise<QueueList> {
    return (await this.request(this.url('admin/queues'))) as QueueList;
  }

  /** One job, with its summary when there is one. */
  async job(id: string): Promise<Job> {
    return (await this.request(
      this.url('jobs', encodeURIComponent(id))
    )) as Job;
  }

  /** Ask for the end of a job; the answer is the job, cancelling or cancelled. */
  async cancel(id: string): Promise<Job> {
    return (await this.request(
      this.url('jobs', encodeURIComponent(id), 'cancel'),
      { method: 'POST' }
    )) as Job;
  }

  /** Try an ended job again; the answer is the job, waiting. */
  async retry(id: string): Promise<Job> {
    return (await this.request(
      this.url('jobs', encodeURIComponent(id), 'retry'),
      { method: 'POST' }
    )) as Job;
  }

  /** Keep what is done and end the job with that; the answer is the job. */
  async finish(id: string): Promise<Job> {
    return (await this.request(
      this.url('jobs', encodeURIComponent(id), 'finish'),
      { method: 'POST' }
    )) as Job;
  }

  /** A job as a notebook stores it, by MIME type. */
  async card(id: string): Promise<JobCard['data']> {
    const answer = await this.request(
      this.url('jobs', encodeURIComponent(id), 'card')
    );
    return (answer as JobCard).data;
  }

  /** How the service is; it says so also when it is down. */
  async health(): Promise<Health> {
    try {
      return (await this.request(this.url('health/ready'))) as Health;
    } catch (error) {
      if (
        error instanceof RequestFailed &&
        isRecord(error.body) &&
        isRecord(error.body['checks'])
      ) {
        return error.body as unknown as Health;
      }
      throw error;
    }
  }

  /** Send a body, or none, to a path. */
  async send(
    method: 'POST' | 'PATCH' | 'DELETE',
    body: object | null,
    ...path: string[]
  ): Promise<unknown> {
    return this.request(this.url(...path.map(encodeURIComponent)), {
      method,
      ...(body && {
        body: JSON.stringify(body),
        // a body that is a text would be announced as one
        headers: { 'Content-Type': 'application/json' }
      })
    });
  }

  /** Ask for JSON; what comes otherwise is a `RequestFailed`. */
  async request(
    url: string,
    init: RequestInit = {},
    patience = PATIENCE
  ): Promise<unknown> {
    return await this.ask(url, init, patience, response => response.json());
  }

  /** Ask for lines of JSON, and tell each as it comes; gives the last one. */
  async lines(
    url: string,
    init: RequestInit,
    patience: number,
    tell: (line: unknown) => void
  ): Promise<unknown> {
    return await this.ask(url, init, patience, response =>
      readLines(response, tell)
    );
  }

  /** Ask for a file, which the service may have to write first. */
  async download(url: string): Promise<Blob> {
    return await this.ask(url, {}, FILE_PATIENCE, response => response.blob());
  }

  private async ask<T>(
    url: string,
    init: RequestInit,
    patience: number,
    read: (response: Response) => Promise<T>
  ): Promise<T> {
    let response: Response;
    let body: unknown;
    const late = new AbortController();
    // until the body is there, which may stall after the head
    const timer = setTimeout(() => {
      late.abort();
    }, patience);
    const left = (): void => {
      late.abort();
    };
    init.signal?.addEventListener('abort', left);
    try {
      try {
        response = await ServerConnection.makeRequest(
          url,
          { ...init, signal: late.signal },
          this.settings
        );
      } catch (error) {
        throw new RequestFailed({
          code: late.signal.aborted
            ? 'service_unreachable'
            : 'jupyter_unreachable',
          message: String(error)
        });
      }
      if (response.status === 204) {
        return null as T;
      }
      try {
        body = response.ok ? await read(response) : await response.json();
      } catch {
        throw new RequestFailed({
          code: late.signal.aborted
            ? 'service_unreachable'
            : codeOf(response.status),
          message: ''
        });
      }
    } finally {
      clearTimeout(timer);
      init.signal?.removeEventListener('abort', left);
    }
    if (response.ok) {
      return body as T;
    }
    const problem = isRecord(body) ? body : {};
    throw new RequestFailed(
      {
        code:
          typeof problem['code'] === 'string'
            ? problem['code']
            : codeOf(response.status),
        message:
          typeof problem['message'] === 'string' ? problem['message'] : ''
      },
      body
    );
  }
}
