import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a request is a recorder's. `pass`: undefined if there are no recorders. */
export function isRecorder(userAgent: string | undefined, pass: string | undefined): boolean {
  const shown = / convoke-recorder\/([\w-]+)$/.exec(userAgent ?? '')?.[1];
  return pass !== undefined && shown !== undefined && timingSafeEqual(digest(shown), digest(pass));
}

/** Of one length, which the comparison needs. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
