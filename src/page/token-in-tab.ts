const key = (path: string): string => `convoke-invitation ${path}`;

/** The token that the tab keeps for a page, by its path. Throws if the browser stores nothing for this site. */
export const keptToken = (path: string): string | null => sessionStorage.getItem(key(path));
export const keepToken = (path: string, token: string): void => sessionStorage.setItem(key(path), token);

/** The token of a link that has it after the `#`. */
export const tokenInFragment = (hash: string): string | undefined =>
  /[#&]jwt=(?:"|%22)?([\w-]+\.[\w-]+\.[\w-]+)/.exec(hash)?.[1];
