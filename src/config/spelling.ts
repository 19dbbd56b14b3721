import { distance } from 'fastest-levenshtein';
import { REGIONS } from './regions.js';

/** Prefixes of regions that need accounts, endpoints and ARNs of their own. */
const OTHER_PARTITIONS: Readonly<Record<string, string>> = {
  'cn-': 'AWS China',
  'us-gov-': 'AWS GovCloud (US)',
  'eusc-': 'the AWS European Sovereign Cloud',
};

/** What is wrong with a region, as a clause that follows it; undefined if it is valid. */
export function regionComplaint(region: string): string | undefined {
  if (REGIONS.includes(region)) return undefined;
  const partition = Object.entries(OTHER_PARTITIONS).find(([prefix]) => region.startsWith(prefix));
  if (partition)
    return `is in ${partition[1]}, which convoke does not support; use a commercial region of AWS`;
  const near = nearest(region, REGIONS);
  return `is not an AWS region${near ? `; did you mean ${near}?` : ', such as eu-central-1'}`;
}

/** The closest of some words, if it is close enough to be a typing error. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  // A word of which no letter is right is another word.
  const most = Math.min(word.length - 1, Math.max(2, Math.floor(word.length / 3)));
  return best && best.away <= most ? best.candidate : undefined;
}

/**
 * Parameters of an issue about a word that is probably misspelt. The schema lists the valid words; `Suggest` finds
 * the nearest, so that the schema depends on zod only.
 */
export interface Misspelt {
  readonly spelling: {
    readonly word: string;
    readonly words: readonly string[];
    /** Text before the suggested word. */
    readonly before?: string;
    /** The hint if no valid word is near. */
    readonly form: string;
  };
}
