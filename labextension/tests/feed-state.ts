import { type IFeedState, INITIAL } from '../src/model/feed-state';

/** What a live feed without jobs has, but for what is given. */
export function feedState(change: Partial<IFeedState> = {}): IFeedState {
  return { ...INITIAL, loaded: true, live: true, ...change };
}
