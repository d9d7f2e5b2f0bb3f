import * as React from 'react';
import type { IService } from '../model/service';
import type { IWatchedState } from '../model/watched';
import { problemOf } from '../model/problems';
import { type IRow, reportOf, rowsOf, workerRows } from '../words/service';
import { presentable } from '../words/text';
import { CopyButton } from './CopyButton';
import { ProblemBanner } from './ProblemBanner';
import type { IPanelProps } from './props';

function Rows(props: { rows: readonly IRow[] }): React.JSX.Element {
  return (
    <dl className="jp-Wrangler-facts">
      {props.rows.map(({ label, value, bad }, i) => (
        <div key={i} data-bad={bad ? 'true' : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How the service is: workers, queue, storage, versions; a text to send. */
export function ServiceView(
  props: IPanelProps & {
    state: IWatchedState<IService>;
    refresh: () => void;
  }
): React.JSX.Element {
  const { state, trans, now } = props;
  const { value, problem } = state;
  const wrong = problem ?? (value && problemOf(value.health));
  const warnings = value?.health.warnings ?? [];
  return (
    <>
      {wrong && (
        <ProblemBanner {...props} problem={wrong} stale={value !== null} />
      )}
      {!value && !problem && (
        <p className="jp-Wrangler-waiting">{trans.__('Asking the service…')}</p>
      )}
      {value && <Rows rows={rowsOf(value, trans)} />}
      {value?.workers && value.workers.length > 0 && (
        <Rows rows={workerRows(value, now, trans)} />
      )}
      {warnings.map(warning => (
        <p className="jp-Wrangler-error" key={warning}>
          {presentable(warning)}
        </p>
      ))}
      {(value ?? problem) && (
        <div className="jp-Wrangler-report">
          <CopyButton
            {...props}
            text={reportOf(value, problem, now, trans)}
            label={trans.__('Copy report')}
            about={trans.__('Copy this as a text for an administrator')}
          />
        </div>
      )}
    </>
  );
}
