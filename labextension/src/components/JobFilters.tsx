import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IJobFilter, StateFilter } from '../model/filter';

/** Search and filters of the list of jobs. */
export function JobFilters(props: {
  filter: IJobFilter;
  refine: (change: Partial<IJobFilter>) => void;
  /** Name of the current notebook, null if there is none. */
  notebook: string | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { filter, refine, notebook, trans } = props;
  const states: [StateFilter, string][] = [
    ['all', trans.__('All states')],
    ['open', trans.__('Not ended')],
    ['done', trans.__('Done')],
    ['failed', trans.__('Ended without result')]
  ];
  const off = notebook === null && !filter.here;
  return (
    <div
      className="jp-Wrangler-filters"
      role="search"
      aria-label={trans.__('Filter jobs')}
    >
      <input
        className="jp-Wrangler-input"
        type="search"
        placeholder={trans.__('Search jobs')}
        aria-label={trans.__('Search jobs by name, method or id')}
        value={filter.text}
        onChange={event => {
          refine({ text: event.target.value });
        }}
      />
      <select
        className="jp-Wrangler-input"
        aria-label={trans.__('State of the jobs shown')}
        value={filter.state}
        onChange={event => {
          refine({ state: event.target.value as StateFilter });
        }}
      >
        {states.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <label
        className="jp-Wrangler-check"
        title={
          off
            ? trans.__('No notebook is open')
            : trans.__('Only jobs whose card is in %1', notebook ?? '')
        }
      >
        <input
          type="checkbox"
          checked={filter.here}
          aria-disabled={off}
          onChange={() => {
            if (!off) {
              refine({ here: !filter.here });
            }
          }}
        />
        {trans.__('This notebook')}
      </label>
    </div>
  );
}
