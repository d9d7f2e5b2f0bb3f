import * as React from 'react';
import type { NamedResult, ResultVersion } from '../model/contract';
import type { IVersionOf } from '../model/results';
import type { IWatchedState } from '../model/watched';
import { EmptyState } from './EmptyState';
import { ProblemBanner } from './ProblemBanner';
import type { IPanelProps } from './props';
import { ResultRow } from './ResultRow';

const EXAMPLE =
  'result = job.result()\nresult.save("patients", note="first look")';

/** What can be asked for a version of a result. */
export interface IResultActions {
  open: (of: IVersionOf) => void;
  insert: (of: IVersionOf) => void;
  canInsert: boolean;
  /** Shows all that can be done, at a place of the page. */
  menu: (of: IVersionOf, x: number, y: number) => void;
  /** The version that commands without one are meant for. */
  select: (of: IVersionOf) => void;
  /** Begins to drag the code that loads it. */
  drag: (of: IVersionOf, event: React.PointerEvent) => void;
}

export interface IResultListProps extends IPanelProps, IResultActions {
  state: IWatchedState<readonly NamedResult[]>;
  /** Asks for the versions of a name. */
  versions: (id: string) => Promise<readonly ResultVersion[]>;
  refresh: () => void;
}

/** The named results, that with the newest version first. */
export function ResultList(props: IResultListProps): React.JSX.Element {
  const { state, trans } = props;
  const { value, problem } = state;
  const [text, search] = React.useState('');
  const wanted = text.trim().toLowerCase();
  const shown = (value ?? []).filter(({ name, latest }) =>
    [name, latest.note ?? '', latest.dataset_name]
      .join(' ')
      .toLowerCase()
      .includes(wanted)
  );
  return (
    <>
      {problem && (
        <ProblemBanner {...props} problem={problem} stale={value !== null} />
      )}
      {!value && !problem && (
        <p className="jp-Wrangler-waiting">
          {trans.__('Looking for results…')}
        </p>
      )}
      {value?.length === 0 && !problem && (
        <EmptyState
          {...props}
          title={trans.__('No saved results yet')}
          text={trans.__(
            'A result under a name is kept with all its versions, also when its job is deleted. Run this in a notebook:'
          )}
          example={EXAMPLE}
        />
      )}
      {value && value.length > 0 && (
        <div className="jp-Wrangler-filters" role="search">
          <input
            className="jp-Wrangler-input"
            type="search"
            placeholder={trans.__('Search results')}
            aria-label={trans.__('Search results by name, note or data')}
            value={text}
            onChange={event => {
              search(event.target.value);
            }}
          />
        </div>
      )}
      {value && value.length > 0 && shown.length === 0 && (
        <p className="jp-Wrangler-waiting">
          {trans.__('No result has this in its name, note or data.')}
        </p>
      )}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('Results, newest first')}
        hidden={shown.length === 0}
      >
        {shown.map(result => (
          <ResultRow key={result.id} {...props} result={result} />
        ))}
      </ul>
    </>
  );
}
