/**
 * Keeps jobs up to date: server-sent events, polling where they fail.
 *
 * One feed serves all views of a page: the panel's list of the newest jobs, and the
 * cards in notebooks, each of one job.  It works only while a view that can be seen
 * has started it: a browser allows six connections per server over HTTP/1.1
 * for all its tabs together, and an open stream keeps the service from idling.
 */
import { type IPoll, Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import { Answers } from './answers';
import { asProblem, type WranglerApi } from './api';
import type { Job } from './contract';
import {
  type IFeedState,
  INITIAL,
  refusedSince,
  withoutAll
} from './feed-state';
import { Follows } from './follows';
import type { IStreamHandlers } from './job-stream';
import { withJob, withPage, withPlace, withProgress } from './jobs';
import { problemOf } from './problems';
import { attempt, type IRequestTarget, perform } from './requests';
import { type Audience, SharedStream } from './shared-stream';
import { SummaryFetcher } from './summaries';

/** Milliseconds between looks at the health while events come. */
const HEALTH_INTERVAL = 10_000;
/** Milliseconds between looks at the jobs while they do not. */
const POLL_INTERVAL = 5_000;
/** Milliseconds between looks at the jobs while events come: no event tells what was deleted. */
const LIST_INTERVAL = 30_000;
/** Milliseconds between looks at most, after failures. */
const MAX_INTERVAL = 60_000;

/** Look so often, and more rarely after failures. */
function frequency(interval: number): IPoll.Frequency {
  return { interval, backoff: true, max: MAX_INTERVAL };
}

export class JobFeed {
  /** Pages of one audience share a stream; without one this page has its own. */
  constructor(
    private readonly api: WranglerApi,
    audience: Audience = () => null
  ) {
    this.poll = new Poll({
      auto: false,
      name: 'jupyter-wrangler:jobs',
      factory: () => this.tick(),
      frequency: frequency(POLL_INTERVAL),
      standby: 'when-hidden'
    });
    const handlers: IStreamHandlers = {
      ready: () => {
        this.setLive(true);
      },
      job: job => {
        this.applyJob(job);
      },
      progress: progress => {
        this.set({
          jobs: withProgress(this.current.jobs, progress),
          followed: withProgress(this.current.followed, progress)
        });
      },
      queue: ({ job_id, queue }) => {
        this.set({
          jobs: withPlace(this.current.jobs, job_id, queue),
          followed: withPlace(this.current.followed, job_id, queue)
        });
      },
      failed: () => {
        this.dropStream();
      }
    };
    this.stream = new SharedStream(api, handlers, audience);
    this.summaries = new SummaryFetcher(api, {
      running: () => this.running,
      jobs: () => this.current.jobs,
      take: job => {
        this.set({ jobs: withJob(this.current.jobs, job) });
      }
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

  /**
   * Connect for a view that can be seen.
   *
   * What was known before stays shown until it is replaced.
   */
  start(view: object = this): void {
    const before = this.running;
    this.views.add(view);
    if (!before) {
      void this.poll.start();
      void this.poll.refresh();
    }
  }

  /** A view is not seen any more; the last one closes every connection. */
  stop(view: object = this): void {
    this.views.delete(view);
    if (!this.running) {
      void this.poll.stop();
      this.closeStream();
    }
  }

  /** Follow one job, whether it is among the newest or not. */
  follow(id: string): void {
    const first = this.follows.add(id);
    const listed = this.current.jobs.find(job => job.id === id);
    if (listed && first && this.running) {
      this.set({ followed: withJob(this.current.followed, listed) });
    }
    void this.follows.fetch();
  }

  /** Follow a job no more, for one of those who did. */
  unfollow(id: string): void {
    if (this.follows.remove(id)) {
      const unknown = new Set(this.current.unknown);
      unknown.delete(id);
      const followed = this.current.followed.filter(job => job.id !== id);
      this.set({ followed, unknown });
    }
  }

  /** Whether any view can be seen. */
  private get running(): boolean {
    return this.views.size > 0;
  }

  /** Look again now, and try events again. */
  async refresh(): Promise<void> {
    this.closeStream();
    await this.poll.refresh();
  }

  /** Ask for the end of a job. */
  async cancel(id: string): Promise<void> {
    await perform(this.api, this.requests, 'cancel', id);
  }

  /** Ask for another try of a job that has ended without its result. */
  async retry(id: string): Promise<void> {
    await perform(this.api, this.requests, 'retry', id);
  }

  /** Ask a job to end with what it has. */
  async finish(id: string): Promise<void> {
    await perform(this.api, this.requests, 'finish', id);
  }

  /** Ask for another turn of a job among one's own. */
  async prioritize(id: string, priority: Job['priority']): Promise<void> {
    await attempt(this.requests, 'prioritize', id, () =>
      this.api.change(id, { priority })
    );
  }

  /** Take over what an action told of a job. */
  take(job: Job): void {
    this.applyJob(job);
  }

  /** Take a job that was deleted out of the list; who follows it is told. */
  forget(id: string): void {
    const others = ({ id: other }: Job): boolean => other !== id;
    this.set({
      jobs: this.current.jobs.filter(others),
      followed: this.current.followed.filter(others),
      unknown: this.follows.has(id)
        ? new Set([...this.current.unknown, id])
        : this.current.unknown
    });
  }

  private set(change: Partial<IFeedState>): void {
    const before = this.current;
    this.current = { ...before, ...change };
    if ((change.jobs ?? change.followed) && this.current.refused.size > 0) {
      const refused = refusedSince(before, this.current);
      this.current = { ...this.current, refused };
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
    const fresh = this.answers.mark();
    try {
      const known = new Set(this.current.jobs.map(({ id }) => id));
      const { items, next } = await this.api.jobs(this.limit);
      const followed = items.filter(
        ({ id }) => this.follows.has(id) && !fresh(id)
      );
      this.set({
        jobs: withPage(this.current.jobs, items, fresh),
        followed: followed.reduce(withJob, this.current.followed),
        unknown: withoutAll(this.current.unknown, followed),
        loaded: true,
        stale: false
      });
      this.listed = Date.now();
      const here = new Set(items.map(({ id }) => id));
      for (const id of next ? [] : this.follows.ids) {
        if (known.has(id) && !here.has(id) && !fresh(id)) {
          this.forget(id);
        }
      }
    } catch (error) {
      this.set({ stale: true });
      throw error;
    }
    const listed = new Set([
      ...this.current.jobs.map(({ id }) => id),
      ...this.follows.ids
    ]);
    this.summaries.keep(listed);
    this.answers.keep(listed);
    this.openStream();
    void this.summaries.fetch();
    await this.follows.fetch();
  }

  private openStream(): void {
    if (this.running) {
      this.stream.open();
    }
  }

  private closeStream(): void {
    this.stream.close();
    if (this.current.live) {
      this.setLive(false);
    }
  }

  /** After an error of the stream: the poll says what is wrong, over plain HTTP. */
  private dropStream(): void {
    const dropped = this.current.live;
    this.closeStream();
    if (dropped) {
      void this.poll.refresh();
    }
  }

  private setLive(live: boolean): void {
    this.poll.frequency = frequency(live ? HEALTH_INTERVAL : POLL_INTERVAL);
    this.set(live ? { live, stale: false } : { live });
  }

  private applyJob(job: Job): void {
    this.answers.note(job.id);
    this.set({
      jobs: withJob(this.current.jobs, job).slice(0, this.limit),
      ...(this.follows.has(job.id) && {
        followed: withJob(this.current.followed, job),
        unknown: withoutAll(this.current.unknown, [job])
      }),
      loaded: true
    });
    void this.summaries.fetch();
  }

  /** Take over an answer about a job, unless events have overtaken it. */
  private async ask(id: string, request: () => Promise<Job>): Promise<void> {
    const again = (): Promise<Job> => this.api.job(id);
    const job = await this.answers.first(id, [request, again]);
    if (job) {
      this.applyJob(job);
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

  private readonly requests: IRequestTarget = {
    state: () => this.current,
    set: change => {
      this.set(change);
    },
    ask: (id, request) => this.ask(id, request),
    reload: id => this.reload(id),
    lose: id => {
      const followed = this.follows.has(id);
      if (followed) {
        this.forget(id);
      }
      return followed;
    }
  };
  private current: IFeedState = INITIAL;
  private limit = 50;
  /** When the list was asked for last. */
  private listed = 0;
  /** Views that can be seen. */
  private readonly views = new Set<object>();
  private readonly follows = new Follows({
    running: () => this.running,
    state: () => this.current,
    set: change => {
      this.set(change);
    },
    load: id => this.ask(id, () => this.api.job(id)),
    forget: id => {
      this.forget(id);
    }
  });
  private readonly answers = new Answers();
  private readonly poll: Poll;
  private readonly stream: SharedStream;
  private readonly summaries: SummaryFetcher;
  private readonly changes = new Signal<this, IFeedState>(this);
}
