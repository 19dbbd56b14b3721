/**
 * A part of a page's script: calls one of its functions with every connection that the client opens. If that fails,
 * the client behaves as usual, and the console has the warning. `adapt` is a function that receives and returns the
 * arguments of the constructor: application, token and options.
 */
export const onEachConnection = (
  call: string,
  warning: string,
  adapt?: string,
): string => `  var Original = JitsiMeetJS.JitsiConnection;
  JitsiMeetJS.JitsiConnection = class extends Original {
    constructor(...args) {
      super(...${adapt ? `${adapt}(args)` : 'args'});
      try {
        ${call}(this);
      } catch (error) {
        console.warn('convoke: ${warning}', error);
      }
    }
  };`;

/** A part of a page's script: whether the participant is in the meeting already, not only about to join. */
export const IS_IN_MEETING = `  function isInMeeting() {
    return Boolean(window.APP && APP.conference && APP.conference.isJoined());
  }`;

/**
 * A part of a page's script: loads the page again, as the client does after its countdown. The URL says whether the
 * participant was muted, and lets them rejoin without a click. Its other settings stay, such as those of a page that
 * embeds the meeting.
 */
export const RELOAD = `  function reload() {
    var url = new URL(APP.store.getState()['features/base/connection'].locationURL || location.href);
    var settings = url.hash.slice(1).split('&').filter(function (setting) {
      return setting && !/^config\\.startWith(Audio|Video)Muted=/.test(setting);
    });
    settings.push('config.startWithAudioMuted=' + APP.conference.isLocalAudioMuted());
    settings.push('config.startWithVideoMuted=' + APP.conference.isLocalVideoMuted());
    url.hash = settings.join('&');
    location.replace(url.href);
    // If only the part after # differs, nothing was loaded.
    if (url.search === location.search) location.reload();
  }`;
