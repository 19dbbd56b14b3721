import type { ConvokeFile } from './schema.js';

/**
 * Whether TURN is enabled. By default only with a group of bridges, because at size solo the second load balancer
 * would be a large part of the cost.
 */
export const turn = (file: Pick<ConvokeFile, 'size' | 'turn'>): boolean =>
  file.turn === 'on' || (!file.turn && usual(file));

const usual = ({ size }: Pick<ConvokeFile, 'size'>): boolean => size === 'team' || size === 'fleet';

/** The host name of TURN, below that of the meeting page. */
export const turnName = (domain: string): string => `turn.${domain}`;
