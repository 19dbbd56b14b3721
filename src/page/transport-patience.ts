/** How long the page waits, in milliseconds. */
export const TRANSPORT_PATIENCE = {
  /**
   * From opening the WebSocket to being logged in. A shard delays the WebSockets of a network that opens hundreds at
   * once by up to 10 s.
   */
  login: 10_000,
  /** For an answer from the web server, and for one over a WebSocket. */
  test: 4_000,
  /** From the participant's click until the page says that the meeting cannot be reached. */
  connection: 20_000,
} as const;
