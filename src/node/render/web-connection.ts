/**
 * A part of a page's script: calls one of its functions with every connection that the client opens. If that fails,
 * the client behaves as usual, and the console has the warning.
 */
export const onEachConnection = (
  call: string,
  warning: string,
): string => `  var Original = JitsiMeetJS.JitsiConnection;
  JitsiMeetJS.JitsiConnection = class extends Original {
    constructor(...args) {
      super(...args);
      try {
        ${call}(this);
      } catch (error) {
        console.warn('convoke: ${warning}', error);
      }
    }
  };`;
