/**
 * What the card of a job in a notebook knows: the snapshot that is stored there, and
 * what the feed tells now.
 *
 * Pure functions; drawing and requests are elsewhere.
 */
import { type Job, isFinal } from './contract';
import type { IFeedState, IRefusal } from './feed-state';
import { withPending } from './jobs';
import type { IProblem } from './problems';

/** What a card is stored as; see `client/views/card.py`. */
export const CARD = 'application/vnd.jupyter-wrangler.job.v1+json';

/** A job as it was at one time. */
export interface ISnapshot {
  id: string;
  kind: string;
  name: string;
  /** When that was. */
  at: string;
  job: Job;
  /** Columns that had missing values, and that were filled; the summary holds some. */
  n_incomplete?: number;
  n_filled?: number;
}

/** What a card draws. */
export interface ICard {
  snapshot: ISnapshot;
  /** The job as it is known best. */
  job: Job;
  /** Whether the service told of it since the page was opened. */
  confirmed: boolean;
  /** Whether the service does not know it. */
  unknown: boolean;
  /** Whether changes come by themselves. */
  live: boolean;
  retrying: boolean;
  problem: IProblem | null;
  refused: IRefusal | undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Ids go into addresses and code. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Read what a notebook holds, which anybody may have written; null if it is no card. */
export function parseSnapshot(data: unknown): ISnapshot | null {
  if (!isRecord(data) || !isRecord(data['job'])) {
    return null;
  }
  const { id, at, name, job } = data;
  const sound =
    typeof id === 'string' &&
    ID.test(id) &&
    job['id'] === id &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at)) &&
    typeof name === 'string' &&
    typeof job['state'] === 'string' &&
    typeof job['created_at'] === 'string' &&
    isRecord(job['spec']);
  return sound ? (data as unknown as ISnapshot) : null;
}

/** Whether two states of a job belong to the same end, or to none. */
function sameEnd(a: Job, b: Job): boolean {
  return a.state === b.state && a.finished_at === b.finished_at;
}

/** Put together what is stored and what the feed tells. */
export function cardOf(snapshot: ISnapshot, feed: IFeedState): ICard {
  const { id } = snapshot;
  const reported = feed.followed.find(job => job.id === id);
  const known = reported ?? snapshot.job;
  // a snapshot's summary is cut to what is drawn, and lists have none
  const summary = sameEnd(known, snapshot.job)
    ? (snapshot.job.summary ?? null)
    : null;
  const retrying = feed.retrying.has(id) && isFinal(known);
  return {
    snapshot,
    job: withPending(
      { ...known, summary },
      {
        cancelling: feed.cancelling.has(id),
        retrying,
        finishing: feed.finishing.has(id)
      }
    ),
    confirmed: reported !== undefined,
    unknown: reported === undefined && feed.unknown.has(id),
    live: feed.live,
    retrying,
    problem: feed.problem,
    refused: feed.refused.get(id)
  };
}

/** Whether two states of the feed look the same to one card. */
export function sameCard(id: string, a: IFeedState, b: IFeedState): boolean {
  const reported = (feed: IFeedState) =>
    feed.followed.find(job => job.id === id);
  return (
    reported(a) === reported(b) &&
    a.live === b.live &&
    a.unknown.has(id) === b.unknown.has(id) &&
    a.problem?.code === b.problem?.code &&
    a.problem?.message === b.problem?.message &&
    a.cancelling.has(id) === b.cancelling.has(id) &&
    a.retrying.has(id) === b.retrying.has(id) &&
    a.finishing.has(id) === b.finishing.has(id) &&
    a.refused.get(id) === b.refused.get(id)
  );
}

/** Whether a card must hear more: its job goes on, or nobody told how it is. */
export function needsNews(snapshot: ISnapshot, feed: IFeedState): boolean {
  const { id } = snapshot;
  if (feed.unknown.has(id)) {
    return false;
  }
  const reported = feed.followed.find(job => job.id === id);
  return (
    !reported ||
    !isFinal(reported) ||
    isOutdated(snapshot, feed) ||
    feed.retrying.has(id)
  );
}

/** Whether the job has ended since the snapshot was stored. */
export function isOutdated(snapshot: ISnapshot, feed: IFeedState): boolean {
  const reported = feed.followed.find(job => job.id === snapshot.id);
  return (
    reported !== undefined &&
    isFinal(reported) &&
    (!sameEnd(reported, snapshot.job) ||
      (reported.state === 'succeeded' && !snapshot.job.summary))
  );
}

/** Quarters of the work that are done: what is said aloud, and no more. */
export function quarter(job: Job): number {
  const progress = job.progress;
  if (job.state === 'succeeded') {
    return 4;
  }
  if (!progress || !(progress.total > 0)) {
    return 0;
  }
  return Math.min(3, Math.floor((4 * progress.done) / progress.total));
}
