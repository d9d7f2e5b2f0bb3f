/**
 * The cell that has the focus, in words: its column, its value, and why it has it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ResultModel } from '../model/result';
import { shown } from '../words/result';
import { WhyCell } from './WhyCell';

export interface ICellPaneProps {
  trans: TranslationBundle;
  result: ResultModel;
}

export function CellPane(props: ICellPaneProps): React.JSX.Element {
  const { result, trans } = props;
  const { focus } = result;
  if (!focus) {
    return (
      <p className="jp-Wrangler-faint">
        {trans.__(
          'Imputed cells have a corner, a tint and bold letters. Select a cell to read why it has its value.'
        )}
      </p>
    );
  }
  const { column } = focus;
  const { summary } = result.manifest;
  const done =
    summary && 'columns' in summary
      ? summary.columns.find(({ name }) => name === column.name)
      : undefined;
  return (
    <>
      <h3 className="jp-Wrangler-cell-title">
        {trans.__('%1, row %2', column.name, focus.label)}
      </h3>
      <div className="jp-Wrangler-cell-value" data-imputed={focus.imputed}>
        {focus.value === null ? shown(null, trans) : String(focus.value)}
      </div>
      <div className="jp-Wrangler-line">
        {focus.imputed
          ? trans.__('imputed by %1', done?.method ?? '?')
          : focus.value === null
            ? trans.__('missing: it was not imputed')
            : trans.__('observed: it is as you handed it in')}
      </div>
      <div className="jp-Wrangler-faint">
        {trans.__(
          '%1, %2 % missing when handed in',
          column.dtype,
          (100 * column.missing).toFixed(1)
        )}
      </div>
      <WhyCell
        state={result.why.state}
        trans={trans}
        retry={() => {
          result.askWhy();
        }}
      />
    </>
  );
}
