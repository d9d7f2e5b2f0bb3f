import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { FileWork } from '../model/file-work';
import type { IPlannedColumn } from '../model/files';
import { restsOn } from '../words/files';

/** Columns with a drop-down at most. */
const MOST = 200;

function Line(props: {
  work: FileWork;
  column: IPlannedColumn;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { work, column, trans } = props;
  const rows = Math.max(1, work.plan?.n_rows ?? 1);
  const choices = work.recommended?.choices[column.level] ?? [];
  const advised = work.recommended?.plan.columns.find(
    ({ name }) => name === column.name
  );
  const share = ((100 * column.n_missing) / rows).toFixed(1);
  return (
    <tr>
      <th scope="row">{column.name}</th>
      <td className="jp-Wrangler-number">
        {trans.__('%1 (%2 %)', column.n_missing.toLocaleString(), share)}
      </td>
      <td>
        <select
          className="jp-Wrangler-select"
          aria-label={trans.__('Method for %1', column.name)}
          value={column.method}
          onChange={event => {
            work.choose(column.name, event.target.value);
          }}
        >
          <option value="">{trans.__('leave alone')}</option>
          {[...new Set([...choices, column.method])]
            .filter(Boolean)
            .map(method => (
              <option key={method} value={method}>
                {method === advised?.method
                  ? trans.__('%1 (recommended)', method)
                  : method}
              </option>
            ))}
        </select>
      </td>
      <td className="jp-Wrangler-file-reason">
        {column.reason ||
          (advised
            ? trans.__(
                'You chose it. Recommended: %1.',
                advised.method || trans.__('leave alone')
              )
            : trans.__('You chose it.'))}
      </td>
    </tr>
  );
}

/** Which method for which column, and why. */
export function FilePlan(props: {
  work: FileWork;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { work, trans } = props;
  const { plan } = work;
  if (!plan) {
    return null;
  }
  const touched = plan.columns.filter(one => one.n_missing > 0);
  const whole = plan.columns.length - touched.length;
  const title = trans.__('Plan');
  return (
    <section className="jp-Wrangler-file-part" aria-label={title}>
      <h3>{title}</h3>
      {work.recommended && (
        <div className="jp-Wrangler-line">
          {restsOn(work.recommended, trans)}
        </div>
      )}
      {plan.warnings.map(warning => (
        <p className="jp-Wrangler-note" key={warning}>
          {warning}
        </p>
      ))}
      {touched.length === 0 ? (
        <p className="jp-Wrangler-line">
          {trans.__('Nothing is missing in these rows.')}
        </p>
      ) : (
        <div
          className="jp-Wrangler-scroll jp-Wrangler-file-plan"
          tabIndex={0}
          role="group"
          aria-label={trans.__('Columns that have missing values')}
        >
          <table className="jp-Wrangler-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('column')}</th>
                <th scope="col" className="jp-Wrangler-number">
                  {trans.__('missing')}
                </th>
                <th scope="col">{trans.__('method')}</th>
                <th scope="col">{trans.__('reason')}</th>
              </tr>
            </thead>
            <tbody>
              {touched.slice(0, MOST).map(column => (
                <Line key={column.name} {...props} column={column} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {touched.length > MOST && (
        <div className="jp-Wrangler-line">
          {trans._n(
            '%1 more column gets its recommended method.',
            '%1 more columns get their recommended methods.',
            touched.length - MOST
          )}
        </div>
      )}
      {whole > 0 && touched.length > 0 && (
        <div className="jp-Wrangler-line">
          {trans._n(
            '%1 column is complete and helps the others.',
            '%1 columns are complete and help the others.',
            whole
          )}
        </div>
      )}
    </section>
  );
}
