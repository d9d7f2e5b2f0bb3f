import * as React from 'react';
import type { IProblem } from '../model/problems';
import { adviceFor } from '../words/problems';
import { CopyButton } from './CopyButton';
import type { IPanelProps } from './props';

/** What is wrong, what it means, and what to do. */
export function ProblemBanner(
  props: IPanelProps & {
    problem: IProblem;
    refresh: () => void;
    stale: boolean;
  }
): React.JSX.Element {
  const { trans, problem } = props;
  const { title, text, command } = adviceFor(problem, trans);
  return (
    <section
      className="jp-Wrangler-problem"
      role="alert"
      data-code={problem.code}
    >
      <h3 className="jp-Wrangler-problem-title">{title}</h3>
      <p>{text}</p>
      {command && <code className="jp-Wrangler-code">{command}</code>}
      {props.stale && (
        <p className="jp-Wrangler-faint">
          {trans.__('Below is what was known last.')}
        </p>
      )}
      <div className="jp-Wrangler-buttons">
        {command && (
          <CopyButton
            {...props}
            text={command}
            label={trans.__('Copy command')}
            about={trans.__('Copy the command')}
          />
        )}
        <button
          type="button"
          className="jp-Wrangler-button"
          onClick={props.refresh}
        >
          {trans.__('Look again')}
        </button>
      </div>
    </section>
  );
}
