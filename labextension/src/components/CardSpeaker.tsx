import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ICard } from '../model/card';
import { spoken } from '../words/card';

/** Says quarters, ends and errors aloud; all between stays silent. */
export function CardSpeaker(props: {
  card: ICard;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { card, trans } = props;
  const before = React.useRef(card);
  const [message, say] = React.useState({ text: '', turn: 0 });
  React.useEffect(() => {
    const text = spoken(before.current, card, trans);
    before.current = card;
    if (text) {
      say(({ turn }) => ({ text, turn: turn + 1 }));
    }
  }, [card, trans]);
  return (
    <div className="jp-Wrangler-aloud" role="status" aria-live="polite">
      {/* a new element, or the same words would not be spoken twice */}
      <span key={message.turn}>{message.text}</span>
    </div>
  );
}
