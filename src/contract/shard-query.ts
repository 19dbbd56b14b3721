/**
 * How a disconnected page finds out which shard serves its room. Until a dead machine is detected, the load balancer
 * keeps sending it a share of the requests: a single answer proves little, several equal ones in a row suffice.
 * Requests do not wait for earlier ones: those to the dead machine hang.
 */
export const SHARD_QUERY = {
  /**
   * Timeout of a request in milliseconds. An edge that has just learned of a shard delays a new room's requests for 2
   * s.
   */
  timeout: 2_500,
  /** Milliseconds between two requests. */
  interval: 250,
  /** Number of requests in a row that the same shard has to answer. */
  confirmations: 4,
} as const;

/**
 * The shard that answered `enough` requests in a row; undefined if none did. `answers`: in the order of the requests.
 */
export function confirmedAnswer(
  answers: readonly (string | undefined)[],
  enough: number,
): string | undefined {
  let run = 0;
  for (let last = 0; last < answers.length; last++) {
    const answer = answers[last];
    run = answer === undefined ? 0 : answer === answers[last - 1] ? run + 1 : 1;
    if (run >= enough) return answer;
  }
  return undefined;
}
