import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ResultModel } from '../model/result';
import type { Operator } from '../model/rows-api';
import { filterWords, headingAloud, operatorWord } from '../words/result';

const OPERATORS: readonly Operator[] = [
  'contains',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'imputed',
  'missing',
  'observed'
];
const WITHOUT_VALUE: ReadonlySet<Operator> = new Set<Operator>([
  'imputed',
  'missing',
  'observed'
]);
/** What can be asked of any column. */
const OF_ANY: ReadonlySet<Operator> = new Set<Operator>([
  'imputed',
  'missing',
  'contains'
]);

interface IRowFiltersProps {
  trans: TranslationBundle;
  result: ResultModel;
}

/** The form that adds a filter. */
function NewFilter(props: IRowFiltersProps): React.JSX.Element {
  const { result, trans } = props;
  const [column, setColumn] = React.useState('');
  const [operator, setOperator] = React.useState<Operator>('imputed');
  const [value, setValue] = React.useState('');
  const offered = OPERATORS.filter(one => column !== '' || OF_ANY.has(one));
  const chosen = offered.includes(operator) ? operator : 'imputed';
  const bare = WITHOUT_VALUE.has(chosen);
  return (
    <form
      className="jp-Wrangler-filter"
      aria-label={trans.__('Filter rows')}
      onSubmit={event => {
        event.preventDefault();
        result.addFilter({
          column: column === '' ? null : column,
          operator: chosen,
          value: bare ? null : value
        });
      }}
    >
      <span>{trans.__('Rows in which')}</span>
      <select
        className="jp-Wrangler-select"
        aria-label={trans.__('Column')}
        value={column}
        onChange={event => {
          setColumn(event.target.value);
        }}
      >
        <option value="">{trans.__('any column')}</option>
        {result.columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        className="jp-Wrangler-select"
        aria-label={trans.__('Comparison')}
        value={chosen}
        onChange={event => {
          setOperator(event.target.value as Operator);
        }}
      >
        {offered.map(one => (
          <option key={one} value={one}>
            {operatorWord(one, trans)}
          </option>
        ))}
      </select>
      {!bare && (
        <input
          className="jp-Wrangler-select"
          aria-label={trans.__('Value')}
          value={value}
          onChange={event => {
            setValue(event.target.value);
          }}
        />
      )}
      <button type="submit" className="jp-Wrangler-button">
        {trans.__('Filter')}
      </button>
    </form>
  );
}

/** Which rows are shown, of which imputation, in which order. */
export function RowFilters(props: IRowFiltersProps): React.JSX.Element {
  const { result, trans } = props;
  const { question } = result;
  const { imputations } = result.manifest;
  return (
    <div className="jp-Wrangler-filters">
      {imputations.length > 1 && (
        <label>
          {trans.__('Imputation')}{' '}
          <select
            className="jp-Wrangler-select"
            value={question.imputation}
            onChange={event => {
              result.ask({ imputation: Number(event.target.value) });
            }}
          >
            {imputations.map(({ imputation }) => (
              <option key={imputation} value={imputation}>
                {trans.__('%1 of %2', imputation + 1, imputations.length)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {trans.__('Sort by')}{' '}
        <select
          className="jp-Wrangler-select"
          value={question.sort ?? ''}
          onChange={event => {
            const sort = event.target.value || null;
            result.ask({ sort, descending: false });
          }}
        >
          <option value="">{trans.__('row')}</option>
          {result.columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {question.sort !== null && (
        <button
          type="button"
          className="jp-Wrangler-button"
          aria-pressed={question.descending}
          onClick={() => {
            result.ask({ descending: !question.descending });
          }}
        >
          {question.descending ? trans.__('falling') : trans.__('rising')}
        </button>
      )}
      <NewFilter {...props} />
      {question.filters.map((filter, at) => (
        <button
          key={at}
          type="button"
          className="jp-Wrangler-button"
          aria-label={trans.__(
            'Remove the filter: %1',
            filterWords(filter, trans)
          )}
          onClick={() => {
            result.removeFilter(at);
          }}
        >
          {filterWords(filter, trans)} ×
        </button>
      ))}
      <span className="jp-Wrangler-faint">
        {result.counted
          ? headingAloud(question, result.found, trans)
          : trans.__('looking…')}
      </span>
    </div>
  );
}
