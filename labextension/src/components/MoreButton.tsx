import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Opens the menu of all that can be done with something. */
export function MoreButton(props: {
  trans: TranslationBundle;
  name: string;
  menu: (x: number, y: number) => void;
}): React.JSX.Element {
  const about = props.trans.__('More actions for %1', props.name);
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={about}
      title={about}
      aria-haspopup="menu"
      onClick={event => {
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        props.menu(left, bottom);
      }}
    >
      …
    </button>
  );
}
