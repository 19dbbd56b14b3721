import type { XmppClient } from '@xmpp/client';

/**
 * Lets a process outlive errors that answer a question before it is known to be written. Only then does xmpp.js 0.14
 * begin to wait; an error that was quicker is caught by nobody, and ends the process. Whoever asked hears of it all the same.
 */
export function ignoreEarlyErrors({ iqCaller: { handlers } }: XmppClient): void {
  const remember = handlers.set.bind(handlers);
  handlers.set = (id, answer) => {
    answer.promise.catch(() => {});
    return remember(id, answer);
  };
}
