import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Asks for the end of a job. */
export function CancelButton(props: {
  trans: TranslationBundle;
  name: string;
  /** Whether the job is being cancelled. */
  pending: boolean;
  cancel: () => void;
}): React.JSX.Element {
  const { trans, name, pending } = props;
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={trans.__('Cancel %1', name)}
      // not "disabled", which would drop the keyboard's focus
      aria-disabled={pending}
      onClick={() => {
        if (!pending) {
          props.cancel();
        }
      }}
    >
      {pending ? trans.__('Cancelling…') : trans.__('Cancel')}
    </button>
  );
}
