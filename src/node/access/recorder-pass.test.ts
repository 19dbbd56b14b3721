import { expect, it } from 'vitest';
import { recorderUserAgent } from '../../contract/recording.js';
import { isRecorder } from './recorder-pass.js';

const PASS = 'a-pass-of-recorders_0123456789';

it.each([
  ['of a recorder', recorderUserAgent('Mozilla/5.0 (X11) Chrome/140', PASS), PASS, true],
  ['with another pass', recorderUserAgent('Mozilla/5.0', `${PASS}x`), PASS, false],
  ['without a pass', recorderUserAgent('Mozilla/5.0', ''), PASS, false],
  ['of a participant', 'Mozilla/5.0 (X11) Chrome/140', PASS, false],
  ['without a browser', undefined, PASS, false],
  ['where there are no recorders', recorderUserAgent('Mozilla/5.0', PASS), undefined, false],
])('a request %s', (_, userAgent, pass, recorder) => {
  expect(isRecorder(userAgent, pass)).toBe(recorder);
});
