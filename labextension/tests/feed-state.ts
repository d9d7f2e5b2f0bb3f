import type { IFeedState } from '../src/model/feed-state';

/** What a live feed without jobs has, but for what is given. */
export function feedState(change: Partial<IFeedState> = {}): IFeedState {
  return {
    jobs: [],
    loaded: true,
    live: true,
    stale: false,
    problem: null,
    cancelling: new Set(),
    retrying: new Set(),
    finishing: new Set(),
    followed: [],
    unknown: new Set(),
    refused: new Map(),
    ...change
  };
}
