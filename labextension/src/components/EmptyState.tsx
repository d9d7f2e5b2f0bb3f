import * as React from 'react';
import { CopyButton } from './CopyButton';
import type { IPanelProps } from './props';

/** Shown where there is nothing yet: how to make some, with an example to copy. */
export function EmptyState(
  props: IPanelProps & {
    title: string;
    text: string;
    example: string;
    more?: string;
  }
): React.JSX.Element {
  const { trans, example } = props;
  return (
    <section className="jp-Wrangler-empty">
      <h3>{props.title}</h3>
      <p>{props.text}</p>
      <pre className="jp-Wrangler-code">{example}</pre>
      <CopyButton
        {...props}
        text={example}
        label={trans.__('Copy')}
        about={trans.__('Copy the example')}
      />
      {props.more && <p>{props.more}</p>}
    </section>
  );
}
