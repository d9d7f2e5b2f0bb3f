/**
 * What stands above the rows of a result: what was done, which rows, and what next.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ResultModel } from '../model/result';
import type { ExportFormat } from '../model/rows-api';
import { failure, standsOut } from '../words/result';
import { ColumnsTable } from './ColumnsTable';
import { RowFilters } from './RowFilters';

export interface IResultActions {
  insert: () => void;
  export: (format: ExportFormat) => void;
  again: () => void;
}

export interface IResultHeadProps extends IResultActions {
  trans: TranslationBundle;
  result: ResultModel;
  /** What became of the last action. */
  notice: string;
  /** Whether an action is under way. */
  busy: boolean;
}

function Summary(props: IResultHeadProps): React.JSX.Element | null {
  const { result, trans } = props;
  const { summary } = result.manifest;
  if (!summary || !('columns' in summary)) {
    return null;
  }
  const marks = standsOut(summary, trans);
  return (
    <details className="jp-Wrangler-preview">
      <summary>
        {trans.__('Summary')}
        {': '}
        {marks.length === 0
          ? trans.__('nothing stands out')
          : trans._n(
              '%1 thing to look at before use',
              '%1 things to look at before use',
              marks.length
            )}
      </summary>
      {marks.length > 0 && (
        <ul className="jp-Wrangler-findings">
          {marks.map(mark => (
            <li key={mark}>{mark}</li>
          ))}
        </ul>
      )}
      <div className="jp-Wrangler-faint">
        {trans.__(
          'res.verdict in a notebook also compares imputed and observed values among rows alike.'
        )}
      </div>
      <ColumnsTable summary={summary} incomplete={undefined} trans={trans} />
    </details>
  );
}

function Exits(props: IResultHeadProps): React.JSX.Element {
  const { busy, trans } = props;
  const formats: [ExportFormat, string, string][] = [
    [
      'csv',
      'CSV',
      trans.__(
        'Text that a spreadsheet would run as a formula gets an apostrophe before it'
      )
    ],
    ['parquet', 'Parquet', trans.__('Exact, with types')],
    ['xlsx', 'Excel', trans.__('A workbook with one sheet')]
  ];
  return (
    <div className="jp-Wrangler-buttons" role="group">
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={props.insert}
        title={trans.__('Puts the code of this result into a notebook')}
      >
        {trans.__('Insert into notebook')}
      </button>
      {formats.map(([format, label, about]) => (
        <button
          key={format}
          type="button"
          className="jp-Wrangler-button"
          aria-disabled={busy}
          title={about}
          aria-label={`${trans.__('Export as %1', label)}: ${about}`}
          onClick={() => {
            if (!busy) {
              props.export(format);
            }
          }}
        >
          {trans.__('Export %1', label)}
        </button>
      ))}
      <button
        type="button"
        className="jp-Wrangler-button"
        aria-disabled={busy}
        title={trans.__('Submits the same data and settings as a new job')}
        onClick={() => {
          if (!busy) {
            props.again();
          }
        }}
      >
        {trans.__('Run again')}
      </button>
    </div>
  );
}

export function ResultHead(props: IResultHeadProps): React.JSX.Element {
  const { result, trans } = props;
  const { manifest } = result;
  const { name, what, line } = result.of;
  return (
    <section
      className="jp-Wrangler-result-head"
      aria-label={trans.__('Result of %1', name)}
    >
      <div className="jp-Wrangler-head">
        <h2 className="jp-Wrangler-name" title={name}>
          {name}
        </h2>
        <span className="jp-Wrangler-what">{what}</span>
        <Exits {...props} />
      </div>
      {line && <div className="jp-Wrangler-line">{line}</div>}
      {manifest.partial && (
        <div className="jp-Wrangler-line">
          {trans.__('The job ended early; this is what it had finished.')}
        </div>
      )}
      <Summary {...props} />
      <RowFilters trans={trans} result={result} />
      <div className="jp-Wrangler-line" role="status">
        {props.notice}
      </div>
      {result.problem && (
        <p className="jp-Wrangler-error" role="alert">
          {failure(result.problem, trans)}{' '}
          <button
            type="button"
            className="jp-Wrangler-button"
            onClick={() => {
              result.retry();
            }}
          >
            {trans.__('Try again')}
          </button>
        </p>
      )}
    </section>
  );
}
