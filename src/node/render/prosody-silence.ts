/**
 * When a participant's connection counts as dead, in seconds. A network that is gone, or a device that sleeps, closes no
 * connection: the load balancer keeps its own open, and Prosody alone would take up to 28 minutes. Together, the others see
 * such a participant for at most 75 s.
 */
export const SILENCE = {
  /** Since the last byte, until Prosody sends a WebSocket ping, which browsers answer without the page's help. */
  ping: 5,
  /** Since the last byte, until the connection is closed. The web client itself gives up after 6 to 9 s. */
  close: 10,
  /** From then on, while the participant can resume the session unnoticed by others. */
  resume: 60,
  /** BOSH: how long a request may wait for an answer, and how long a session may have no request. */
  boshWait: 25,
  boshInactivity: 45,
} as const;

/** Options of the module `convoke_silence`. */
export const SILENCE_OPTIONS = `convoke_silence = { ping = ${SILENCE.ping}; close = ${SILENCE.close} }`;
