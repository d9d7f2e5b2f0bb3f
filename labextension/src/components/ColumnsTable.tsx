import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ImputationSummary } from '../model/contract';

/** Lines at most; a snapshot holds no more. */
const MOST = 30;

type Statistics = ImputationSummary['columns'][number]['observed'];

/** The mean of numbers, and of anything else the most frequent value. */
export function statistic(found: Statistics, trans: TranslationBundle): string {
  const { mean, median, share, top } = found as Record<string, unknown>;
  if (typeof mean === 'number') {
    return trans.__('mean %1', Number(mean.toPrecision(4)).toLocaleString());
  }
  if (typeof top === 'string' || typeof top === 'number') {
    return typeof share === 'number'
      ? trans.__('top %1 (%2 %)', String(top), Math.round(share * 100))
      : trans.__('top %1', String(top));
  }
  return typeof median === 'string' || typeof median === 'number'
    ? trans.__('median %1', String(median))
    : '';
}

/** What was done to each column that had missing values. */
export function ColumnsTable(props: {
  summary: ImputationSummary;
  /** Columns that had missing values, of which the summary may hold only some. */
  incomplete: number | undefined;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { summary, trans } = props;
  const touched = summary.columns.filter(column => column.n_missing > 0);
  const more = (props.incomplete ?? touched.length) - MOST;
  const remarks = summary.events.slice(0, 5);
  return (
    <>
      {touched.length > 0 && (
        <div
          className="jp-Wrangler-scroll"
          tabIndex={0}
          role="group"
          aria-label={trans.__('Columns that had missing values')}
        >
          <table className="jp-Wrangler-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('column')}</th>
                <th scope="col" className="jp-Wrangler-number">
                  {trans.__('missing')}
                </th>
                <th scope="col" className="jp-Wrangler-number">
                  {trans.__('imputed')}
                </th>
                <th scope="col">{trans.__('method')}</th>
                <th scope="col">{trans.__('observed')}</th>
                <th scope="col">{trans.__('imputed values')}</th>
              </tr>
            </thead>
            <tbody>
              {touched.slice(0, MOST).map(column => (
                <tr key={column.name}>
                  <th scope="row">{column.name}</th>
                  <td className="jp-Wrangler-number">
                    {trans.__(
                      '%1 (%2 %)',
                      column.n_missing.toLocaleString(),
                      (
                        (100 * column.n_missing) /
                        Math.max(1, summary.n_rows)
                      ).toFixed(1)
                    )}
                  </td>
                  <td className="jp-Wrangler-number">
                    {column.n_imputed.toLocaleString()}
                  </td>
                  <td>{column.method || trans.__('left alone')}</td>
                  <td>{statistic(column.observed, trans)}</td>
                  <td>{statistic(column.imputed, trans)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more > 0 && (
        <div className="jp-Wrangler-line">
          {trans._n(
            '%1 more column had missing values.',
            '%1 more columns had missing values.',
            more
          )}
        </div>
      )}
      {remarks.length > 0 && (
        <ul className="jp-Wrangler-findings">
          {remarks.map((remark, i) => (
            <li key={i}>
              {remark.column ? `${remark.column}: ` : ''}
              {remark.message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
