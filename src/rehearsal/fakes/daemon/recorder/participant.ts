import type { Element } from '@xmpp/xml';
import xml from '@xmpp/xml';
import { type Login, MUC, stayLoggedIn } from '../xmpp-session.js';

export interface MeetingVisit {
  readonly login: Login;
  readonly room: string;
  readonly nickname: string;
  /** When the room has nobody but the focus and recorders. */
  readonly onEmpty: () => void;
}

/**
 * Enters a meeting as a recorder's browser does, without a page: as an occupant from the hidden host. Rejects if the room
 * does not let it in within 30 seconds.
 */
export async function visit({ login, room, nickname, onEmpty }: MeetingVisit): Promise<{ leave(): void }> {
  const stop = new AbortController();
  const others = new Set<string>();
  let entered: (value: string | undefined) => void = () => {};
  const answer = new Promise<string | undefined>((resolve) => {
    entered = resolve;
    setTimeout(() => resolve(`${room} did not answer`), 30_000).unref();
  });
  const follow = (stanza: Element) => {
    const [from = '', occupant = ''] = (stanza.attrs.from ?? '').split('/');
    if (!stanza.is('presence') || from !== room) return;
    if (occupant === nickname) entered(stanza.attrs.type ? stanza.toString() : undefined);
    else if (occupant === 'focus') return;
    else if (stanza.attrs.type !== 'unavailable') others.add(occupant);
    else if (others.delete(occupant) && others.size === 0) onEmpty();
  };
  void stayLoggedIn(
    login,
    {
      online: (xmpp) =>
        void xmpp
          .send(xml('presence', { to: `${room}/${nickname}` }, xml('x', { xmlns: MUC })))
          .catch(() => {}),
      stanza: follow,
      offline: () => {},
    },
    stop.signal,
  );
  const refusal = await answer;
  if (refusal !== undefined) {
    stop.abort();
    throw new Error(refusal);
  }
  return { leave: () => stop.abort() };
}
