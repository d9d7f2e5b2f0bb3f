/**
 * Times in words: of day, spent, and left.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * "about 40 s left": rounded as far as an estimate deserves, and nothing below
 * five seconds, when the end comes sooner than one reads.
 */
export function timeLeft(
  seconds: number | null,
  trans: TranslationBundle
): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 5) {
    return '';
  }
  const tens = Math.ceil(seconds / 10) * 10;
  if (tens < 60) {
    return trans.__('about %1 s left', tens);
  }
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) {
    return trans.__('about %1 min left', minutes);
  }
  return trans.__('about %1 h left', Math.ceil(seconds / 3600));
}

/** How long something took: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function duration(seconds: number, trans: TranslationBundle): string {
  if (seconds < 10) {
    return trans.__('%1 s', Math.max(0.1, Math.round(seconds * 10) / 10));
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return trans.__('%1 s', whole);
  }
  if (whole < 3600) {
    return trans.__('%1 min %2 s', Math.floor(whole / 60), whole % 60);
  }
  return trans.__(
    '%1 h %2 min',
    Math.floor(whole / 3600),
    Math.floor((whole % 3600) / 60)
  );
}

/** The hour for today, with the day for what lies further back. */
export function clock(iso: string, now: Date, locale?: string): string {
  const then = new Date(iso);
  const time: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit'
  };
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
  return then.toDateString() === now.toDateString()
    ? then.toLocaleTimeString(locale, time)
    : then.toLocaleString(locale, { ...day, ...time });
}
