/**
 * Why a cell holds its value, in words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { WhyDocument } from '../model/contract';

/** Draws that are named; classes too. */
const NAMED = 10;
const CLASSES = 6;

/** The values in the other imputations, and the range or the shares that they make. */
export function drawsLine(why: WhyDocument, trans: TranslationBundle): string {
  const draws = why.draws;
  if (draws.length < 2) {
    return '';
  }
  const named = draws.slice(0, NAMED).join(', ');
  const list =
    draws.length > NAMED
      ? trans.__('%1 and %2 more', named, draws.length - NAMED)
      : named;
  const { low, high } = why;
  if (low !== null && low !== undefined && high !== null) {
    return trans.__(
      'Draws: %1; with 90 % probability from %2 to %3.',
      list,
      low,
      high
    );
  }
  const shares = Object.entries(why.shares ?? {})
    .slice(0, CLASSES)
    .map(([name, share]) =>
      trans.__('%1 in %2 %', name, Math.round(100 * share))
    );
  return shares.length > 0
    ? trans.__('Draws: %1 (%2).', list, shares.join(', '))
    : trans.__('Draws: %1.', list);
}

/** An effect with its sign and unit: "+1.5", "-0.4 log-odds". */
export function moved(
  effect: number,
  unit: string,
  trans: TranslationBundle
): string {
  const number = String(Number(effect.toPrecision(3)));
  const signed = effect >= 0 ? `+${number}` : number;
  switch (unit) {
    case 'log-odds':
      return trans.__('%1 log-odds', signed);
    case 'probability':
      return trans.__('%1 of probability', signed);
    default:
      return signed;
  }
}
