/**
 * Text of the service, before it is shown.
 */

/** Longest text of the service that is shown in the panel. */
const LONGEST = 600;

/** A text with thousands apart in its numbers, as the rest of the page has them. */
export function grouped(text: string): string {
  return text.replace(/\d{4,}/g, digits => Number(digits).toLocaleString());
}

/**
 * A message of the service, fit to be shown: no traceback, no address, no token.
 *
 * The service sends none of these; what is on a screen is also in screenshots,
 * so this does not rely on it.
 */
export function presentable(message: string): string {
  const head =
    message.split(/^\s*Traceback \(most recent call last\)/m)[0] ?? '';
  const clean = head
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>)]+/gi, '…')
    .replace(
      /\b(token|password|authorization)(\s*[=:]\s*)\S+(\s\S{20,})?/gi,
      '$1$2…'
    )
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
