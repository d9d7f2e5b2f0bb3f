import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ResultComparison } from '../model/contract';
import { handleOf, likeness } from '../words/results';
import { statistic } from './ColumnsTable';

/** A value of a setting as Python would write it, or so. */
function shown(value: unknown): string {
  return value === null || value === undefined
    ? '—'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

/** What differs between two versions: settings, and what was imputed. */
export function ComparisonTable(props: {
  found: ResultComparison;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { found, trans } = props;
  const { left, right, settings, columns } = found;
  const head = (first: string): React.JSX.Element => (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        <th scope="col">{handleOf(left)}</th>
        <th scope="col">{handleOf(right)}</th>
      </tr>
    </thead>
  );
  return (
    <div className="jp-Wrangler-comparison">
      <p>{likeness(found, trans)}</p>
      {settings.length > 0 && (
        <table className="jp-Wrangler-table">
          {head(trans.__('Setting'))}
          <tbody>
            {settings.map(({ name, ...change }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{shown(change.left)}</td>
                <td>{shown(change.right)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {columns.length > 0 && (
        <table className="jp-Wrangler-table">
          {head(trans.__('Imputed column'))}
          <tbody>
            {columns.map(({ name, ...change }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {[change.left, change.right].map((side, i) => (
                  <td key={i}>
                    {side
                      ? `${trans._n(
                          '%1 value',
                          '%1 values',
                          side.n_imputed
                        )}, ${statistic(side.imputed, trans)}`
                      : '—'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
