import * as React from 'react';
import type { IPanelProps } from './props';

/** Seconds for which the button says that it has copied. */
const COPIED_S = 2;

/** A button that copies a text. */
export function CopyButton(
  props: IPanelProps & { text: string; label: string; about: string }
): React.JSX.Element {
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setCopied(false);
    }, COPIED_S * 1000);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={props.about}
      title={props.about}
      onClick={() => {
        props.copy(props.text);
        setCopied(true);
      }}
    >
      {copied ? props.trans.__('Copied') : props.label}
    </button>
  );
}
