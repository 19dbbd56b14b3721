/**
 * Calls `follow` with every connection that the client opens. If that fails, the client behaves as usual, and the
 * console has the warning. `adapt` receives and returns the arguments of the constructor.
 */
export function onEachConnection(
  library: JitsiLibrary,
  follow: (connection: JitsiConnection) => void,
  warning: string,
  adapt = (args: JitsiConnectionArguments): JitsiConnectionArguments => args,
): void {
  const Original = library.JitsiConnection;
  library.JitsiConnection = class extends Original {
    constructor(...args: JitsiConnectionArguments) {
      super(...adapt(args));
      try {
        follow(this);
      } catch (error) {
        console.warn(`convoke: ${warning}`, error);
      }
    }
  };
}

/** The client's library; undefined if it could not be loaded: then there is nothing to do. */
export const loadedLibrary = (): JitsiLibrary | undefined =>
  window.JitsiMeetJS?.JitsiConnection ? window.JitsiMeetJS : undefined;

/** Whether the participant is in the meeting already, not only about to join. */
export const isInMeeting = (): boolean => Boolean(window.APP?.conference?.isJoined());

/**
 * Loads the page again, as the client does after its countdown. The URL says whether the participant was muted, and
 * lets them rejoin without a click. Its other settings stay, such as those of a page that embeds the meeting.
 */
export function reload(): void {
  const { locationURL } = APP.store.getState()['features/base/connection'];
  const url = new URL(locationURL || location.href);
  const settings = url.hash
    .slice(1)
    .split('&')
    .filter((setting) => setting && !/^config\.startWith(Audio|Video)Muted=/.test(setting));
  settings.push(`config.startWithAudioMuted=${APP.conference.isLocalAudioMuted()}`);
  settings.push(`config.startWithVideoMuted=${APP.conference.isLocalVideoMuted()}`);
  url.hash = settings.join('&');
  location.replace(url.href);
  // If only the part after # differs, nothing was loaded.
  if (url.search === location.search) location.reload();
}
