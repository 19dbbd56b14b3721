/** How long the page waits, in milliseconds. */
export const TRANSPORT_PATIENCE = {
  /**
   * From opening the WebSocket to being logged in. A shard delays the WebSockets of a network that opens hundreds at
   * once by up to 10 s.
   */
  login: 10_000,
  /** For an answer from the web server, and for one over a WebSocket. */
  test: 3_000,
  /** From the conference request until the page says that the meeting cannot be reached: less than 20 s after the click. */
  connection: 17_000,
} as const;
