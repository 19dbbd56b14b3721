/** The line on the console of a machine that is ready to become a machine image. */
export const BAKED = 'ready to become a machine image';
