import type { ConvokeFile } from './schema.js';

/**
 * Whether a file asks for TURN. By default only where there is a group of bridges: at size solo the second load balancer
 * would be too much of the price.
 */
export const turn = (file: Pick<ConvokeFile, 'size' | 'turn'>): boolean =>
  file.turn === 'on' || (!file.turn && usual(file));

const usual = ({ size }: Pick<ConvokeFile, 'size'>): boolean => size === 'team' || size === 'fleet';

/** The host name of TURN, below that of the meeting page. */
export const turnName = (domain: string): string => `turn.${domain}`;
