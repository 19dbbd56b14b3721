/**
 * Who may join meetings. `open`: everyone who knows the name of a room. `members`: everyone with a signed link to it.
 * `hosts`: hosts sign in and start meetings, and everyone who knows the name of a room may join a meeting that has started.
 */
export const ACCESS = ['open', 'members', 'hosts'] as const;
export type Access = (typeof ACCESS)[number];

/** Whether nobody joins a meeting without a token. */
export const needsTokens = (access: Access): boolean => access !== 'open';
