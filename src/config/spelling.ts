import { distance } from 'fastest-levenshtein';
import { REGIONS } from './regions.js';

/** What is wrong with a region, as a clause that follows it; undefined if it is valid. */
export function regionComplaint(region: string): string | undefined {
  if (REGIONS.includes(region)) return undefined;
  const near = nearest(region, REGIONS);
  return `is not an AWS region${near ? `; did you mean ${near}?` : ', such as eu-central-1'}`;
}

/** The closest of some words, if it is close enough to be a typing error. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  return best && best.away <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
