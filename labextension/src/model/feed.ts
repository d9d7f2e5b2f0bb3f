/**
 * Keeps the list of jobs true: server-sent events, polling where they fail.
 *
 * The feed works only between `start()` and `stop()`, that is while somebody
 * looks at the panel: a browser allows six connections per server over HTTP/1.1
 * for all its tabs together, and an open stream keeps the service from idling.
 */
import type { ServerConnection } from '@jupyterlab/services';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import { RequestFailed, type WranglerApi } from './api';
import type { Job, Progress } from './contract';
import {
  hasEndedOrRestarted,
  type Jobs,
  withJob,
  withPage,
  withProgress
} from './jobs';
import { type IProblem, problemOf } from './problems';

/** Milliseconds between looks at the health while events come. */
const HEALTH_INTERVAL = 10_000;
/** Milliseconds between looks at the jobs while they do not. */
const POLL_INTERVAL = 5_000;
/** Milliseconds between looks at the jobs while events come: no event tells what was deleted. */
const LIST_INTERVAL = 30_000;
/** Milliseconds between looks at most, after failures. */
const MAX_INTERVAL = 60_000;

/** The job is no longer as it was shown: look at it again. */
const OUTDATED: ReadonlySet<string> = new Set([
  'job_already_finished',
  'conflict'
]);

/** What the panel shows. */
export interface IFeedState {
  jobs: Jobs;
  /** False until the first answer: nothing is known yet. */
  loaded: boolean;
  /** Whether events come; otherwise the list is asked for now and then. */
  live: boolean;
  /** Whether the list could not be asked for: it is what was known last. */
  stale: boolean;
  problem: IProblem | null;
  /** Ids of jobs whose end was asked for and not yet confirmed. */
  cancelling: ReadonlySet<string>;
  /** Ids of jobs for which another try was asked and not yet confirmed. */
  retrying: ReadonlySet<string>;
  /** Job id -> what could not be asked for, and why. */
  refused: ReadonlyMap<string, IRefusal>;
}

/** An action that was not accepted. */
export interface IRefusal {
  action: 'cancel' | 'retry';
  problem: IProblem;
}

const INITIAL: IFeedState = {
  jobs: [],
  loaded: false,
  live: false,
  stale: false,
  problem: null,
  cancelling: new Set(),
  retrying: new Set(),
  refused: new Map()
};

function asProblem(error: unknown): IProblem {
  return error instanceof RequestFailed
    ? error.problem
    : { code: 'wrangler_error', message: String(error) };
}

/** An EventSource sends the cookie, and can send nothing else. */
function streamsByCookie(settings: ServerConnection.ISettings): boolean {
  return new URL(settings.baseUrl, location.href).origin === location.origin;
}

export class JobFeed {
  constructor(private readonly api: WranglerApi) {
    this.poll = new Poll({
      auto: false,
      name: 'jupyter-wrangler:jobs',
      factory: () => this.tick(),
      frequency: { interval: POLL_INTERVAL, backoff: true, max: MAX_INTERVAL },
      standby: 'when-hidden'
    });
  }

  get state(): IFeedState {
    return this.current;
  }

  get changed(): ISignal<this, IFeedState> {
    return this.changes;
  }

  /** How many jobs are listed; more are asked for at once. */
  set shown(count: number) {
    if (count === this.limit) {
      return;
    }
    this.limit = count;
    if (this.running) {
      void this.refresh();
    }
  }

  /** Connect; what was known before stays shown until it is replaced. */
  start(): void {
    if (this.running) {
      return;
    }
    this.running = true;
    void this.poll.start();
    void this.poll.refresh();
  }

  /** Close every connection. */
  stop(): void {
    this.running = false;
    void this.poll.stop();
    this.closeStream();
  }

  /** Look again now, and try events again. */
  async refresh(): Promise<void> {
    this.closeStream();
    await this.poll.refresh();
  }

  /** Ask for the end of a job. */
  async cancel(id: string): Promise<void> {
    await this.perform('cancel', 'cancelling', id);
  }

  /** Ask for another try of a job that has ended without its result. */
  async retry(id: string): Promise<void> {
    await this.perform('retry', 'retrying', id);
  }

  /** Ask for something that is shown as done until the answer is there. */
  private async perform(
    action: IRefusal['action'],
    pending: 'cancelling' | 'retrying',
    id: string
  ): Promise<void> {
    const refused = new Map(this.current.refused);
    refused.delete(id);
    this.set({ [pending]: new Set([...this.current[pending], id]), refused });
    try {
      await this.ask(id, () => this.api[action](id));
    } catch (error) {
      const problem = asProblem(error);
      if (OUTDATED.has(problem.code)) {
        await this.reload(id);
      } else {
        this.set({
          refused: new Map([...this.current.refused, [id, { action, problem }]])
        });
      }
    } finally {
      const left = new Set(this.current[pending]);
      left.delete(id);
      this.set({ [pending]: left });
    }
  }

  private set(change: Partial<IFeedState>): void {
    const before = this.current;
    this.current = { ...before, ...change };
    if (change.jobs && this.current.refused.size > 0) {
      const refused = [...this.current.refused].filter(
        ([id]) => !hasEndedOrRestarted(id, before.jobs, change.jobs ?? [])
      );
      this.current = { ...this.current, refused: new Map(refused) };
    }
    this.changes.emit(this.current);
  }

  private async tick(): Promise<void> {
    if (!this.running) {
      return;
    }
    try {
      if (!this.current.live || Date.now() - this.listed > LIST_INTERVAL) {
        await this.list();
      }
      this.set({ problem: problemOf(await this.api.health()) });
    } catch (error) {
      this.set({ problem: asProblem(error) });
      // the rejection makes the poll wait longer each time
      throw error;
    }
  }

  /** Ask for the list, then for the events that keep it true. */
  private async list(): Promise<void> {
    const before = new Map(this.eventCounts);
    try {
      const { items } = await this.api.jobs(this.limit);
      const fresh = (id: string) => this.eventCounts.get(id) !== before.get(id);
      this.set({
        jobs: withPage(this.current.jobs, items, fresh),
        loaded: true,
        stale: false
      });
      this.listed = Date.now();
    } catch (error) {
      this.set({ stale: true });
      throw error;
    }
    // what has left the list may come back without its summary
    const listed = new Set(this.current.jobs.map(({ id }) => id));
    this.asked = new Map([...this.asked].filter(([id]) => listed.has(id)));
    this.eventCounts = new Map(
      [...this.eventCounts].filter(([id]) => listed.has(id))
    );
    this.openStream();
    void this.fetchSummaries();
  }

  /** Open the stream, unless it is open or the page is from elsewhere. */
  private openStream(): void {
    if (this.source || !this.running || !streamsByCookie(this.api.settings)) {
      return;
    }
    const source = new EventSource(this.api.url('events'));
    this.source = source;
    source.addEventListener('ready', () => {
      this.setLive(true);
    });
    source.addEventListener('job', event => {
      this.applyJob(JSON.parse(event.data as string) as Job);
    });
    source.addEventListener('progress', event => {
      const progress = JSON.parse(event.data as string) as Progress;
      this.set({ jobs: withProgress(this.current.jobs, progress) });
    });
    source.addEventListener('error', () => {
      // Whatever the reason, which an EventSource does not tell: close it, and have
      // the poll ask over plain HTTP, which says what is wrong, waits longer after
      // each failure, and opens a new stream as soon as the list can be had again.
      const dropped = this.current.live;
      this.closeStream();
      if (dropped) {
        void this.poll.refresh();
      }
    });
  }

  private closeStream(): void {
    this.source?.close();
    this.source = null;
    if (this.current.live) {
      this.setLive(false);
    }
  }

  private setLive(live: boolean): void {
    this.poll.frequency = {
      interval: live ? HEALTH_INTERVAL : POLL_INTERVAL,
      backoff: true,
      max: MAX_INTERVAL
    };
    this.set(live ? { live, stale: false } : { live });
  }

  private applyJob(job: Job): void {
    this.eventCounts.set(job.id, (this.eventCounts.get(job.id) ?? 0) + 1);
    this.set({
      jobs: withJob(this.current.jobs, job).slice(0, this.limit),
      loaded: true
    });
    void this.fetchSummaries();
  }

  /**
   * Take over an answer about a job.
   *
   * Answers and events come on different ways, and an answer that was written
   * before an event may arrive after it: "cancelling" after "cancelled", which
   * would stay for ever. So an answer that was overtaken is not believed; the job
   * is read again, and if that is overtaken as well, events will tell the rest.
   */
  private async ask(id: string, request: () => Promise<Job>): Promise<void> {
    for (const way of [request, () => this.api.job(id)]) {
      const before = this.eventCounts.get(id);
      const job = await way();
      if (this.eventCounts.get(id) === before) {
        this.applyJob(job);
        return;
      }
    }
  }

  /** Read one job again. */
  private async reload(id: string): Promise<void> {
    try {
      await this.ask(id, () => this.api.job(id));
    } catch (error) {
      this.set({ problem: asProblem(error) });
    }
  }

  /** Lists and events leave summaries out; ask for them one after the other. */
  private async fetchSummaries(): Promise<void> {
    if (this.fetching) {
      return;
    }
    this.fetching = true;
    try {
      for (;;) {
        const job = this.current.jobs.find(
          ({ id, state, summary, finished_at }) =>
            state === 'succeeded' &&
            !summary &&
            this.asked.get(id) !== finished_at
        );
        if (!job || !this.running) {
          return;
        }
        this.asked.set(job.id, job.finished_at);
        const { summary = null } = await this.api.job(job.id);
        const known = this.current.jobs.find(other => other.id === job.id);
        if (known?.finished_at === job.finished_at) {
          this.set({ jobs: withJob(this.current.jobs, { ...known, summary }) });
        }
      }
    } catch {
      // A row without its summary line is still right; the poll reports
      // what keeps the requests from being answered.
    } finally {
      this.fetching = false;
    }
  }

  private current: IFeedState = INITIAL;
  private limit = 50;
  /** When the list was asked for last. */
  private listed = 0;
  private running = false;
  private fetching = false;
  private source: EventSource | null = null;
  /** Job id -> the end for which its summary was asked. */
  private asked = new Map<string, string | null>();
  /** Job id -> how many events came of it. */
  private eventCounts = new Map<string, number>();
  private readonly poll: Poll;
  private readonly changes = new Signal<this, IFeedState>(this);
}
