import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Asks for another try of a job. */
export function RetryButton(props: {
  trans: TranslationBundle;
  name: string;
  /** Whether this was asked for and not yet confirmed. */
  pending: boolean;
  retry: () => void;
}): React.JSX.Element {
  const { trans, name, pending } = props;
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={trans.__('Retry %1', name)}
      title={trans.__(
        'Compute what has no result yet; what was finished is kept'
      )}
      // not "disabled", which would drop the keyboard's focus
      aria-disabled={pending}
      onClick={() => {
        if (!pending) {
          props.retry();
        }
      }}
    >
      {pending ? trans.__('Retrying…') : trans.__('Retry')}
    </button>
  );
}
