import * as React from 'react';

/** A button that does something, or says why it cannot. */
export function ActionButton(props: {
  label: string;
  /** What it does, in full, or why it cannot. */
  about: string;
  /** Shown where the pointer rests. */
  title?: string;
  off: boolean;
  act: () => void;
}): React.JSX.Element {
  const { label, about, title, off } = props;
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={about}
      title={title}
      // not "disabled", which would drop the keyboard's focus
      aria-disabled={off}
      onClick={() => {
        if (!off) {
          props.act();
        }
      }}
    >
      {label}
    </button>
  );
}
