/**
 * Why an imputed cell holds its value: draws, donors and the strongest predictors.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { WhyDocument } from '../model/contract';
import type { WhyState } from '../model/why';
import { failure } from '../words/result';
import { drawsLine, moved } from '../words/why';

export interface IWhyCellProps {
  trans: TranslationBundle;
  state: WhyState;
  retry: () => void;
}

export function WhyCell(props: IWhyCellProps): React.JSX.Element | null {
  const { state, trans, retry } = props;
  switch (state.kind) {
    case 'none':
      return null;
    case 'waiting':
      return <p className="jp-Wrangler-faint">{trans.__('Looking up why…')}</p>;
    case 'failed':
      return (
        <p className="jp-Wrangler-error" role="alert">
          {failure(state.problem, trans)}{' '}
          <button type="button" className="jp-Wrangler-button" onClick={retry}>
            {trans.__('Try again')}
          </button>
        </p>
      );
    case 'answered':
      return <Why why={state.why} trans={trans} />;
  }
}

interface IToldProps {
  trans: TranslationBundle;
  why: WhyDocument;
}

function Why({ why, trans }: IToldProps): React.JSX.Element {
  const draws = drawsLine(why, trans);
  return (
    <section
      className="jp-Wrangler-why"
      aria-label={trans.__('Why this value')}
      aria-live="polite"
    >
      <h4 className="jp-Wrangler-chart-title">{trans.__('Why this value')}</h4>
      <ul className="jp-Wrangler-findings">
        {why.reasons.map(reason => (
          <li key={reason}>{reason}</li>
        ))}
        {draws && <li>{draws}</li>}
      </ul>
      <Donors why={why} trans={trans} />
      <Influences why={why} trans={trans} />
    </section>
  );
}

function Donors({ why, trans }: IToldProps): React.JSX.Element | null {
  const donors = why.donors;
  if (donors.length === 0) {
    return null;
  }
  const title = trans.__('Donors: rows whose value was handed on');
  return (
    <div
      className="jp-Wrangler-scroll"
      tabIndex={0}
      role="group"
      aria-label={title}
    >
      <table className="jp-Wrangler-table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Draw')}</th>
            <th scope="col">{trans.__('Row')}</th>
            <th scope="col">{trans.__('Value')}</th>
            <th
              scope="col"
              title={trans.__(
                'Share of the rows with a value that are less alike'
              )}
            >
              {trans.__('Nearer than')}
            </th>
          </tr>
        </thead>
        <tbody>
          {donors.map(donor => (
            <tr key={`${donor.imputation}-${donor.position}`}>
              <td>{donor.imputation + 1}</td>
              <td>{donor.row}</td>
              <td className="jp-Wrangler-number">{donor.value}</td>
              <td>
                {donor.nearer_than === null
                  ? '–'
                  : trans.__('%1 %', Math.round(100 * donor.nearer_than))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Influences({ why, trans }: IToldProps): React.JSX.Element | null {
  const influences = why.influences;
  if (influences.length === 0) {
    return null;
  }
  const title = trans._n(
    'Strongest of %1 predictor',
    'Strongest of %1 predictors',
    why.n_predictors
  );
  return (
    <>
      <div
        className="jp-Wrangler-scroll"
        tabIndex={0}
        role="group"
        aria-label={title}
      >
        <table className="jp-Wrangler-table">
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Its value')}</th>
              <th scope="col">{trans.__('Moved it by')}</th>
            </tr>
          </thead>
          <tbody>
            {influences.map(one => (
              <tr key={one.column}>
                <th scope="row">{one.column}</th>
                <td>{one.value}</td>
                <td className="jp-Wrangler-number">
                  {moved(one.effect, why.effects_in, trans)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="jp-Wrangler-faint">{why.effects_how}</p>
    </>
  );
}
