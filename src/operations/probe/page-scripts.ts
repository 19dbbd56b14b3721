/** Expressions that browsers evaluate on a page with the script src/page/probe.ts. */

/** Whether the page is in its room; false on a page without the script, such as the browser's own. */
export const IS_IN_ROOM = 'Boolean(window.convokeProbe?.isInRoom())';
export const HANG_UP = 'convokeProbe.hangUp()';
/** How often the page has got a screen to share from the browser. */
export const SHARES = 'convokeProbe.shares';
/** A `StatsSample`. */
export const STATS = 'convokeProbe.stats()';
