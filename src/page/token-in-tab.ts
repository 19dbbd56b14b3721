const key = (path: string): string => `convoke-invitation ${path}`;

/** The token that the tab keeps for a page, by its path. Throws if the browser stores nothing for this site. */
export const keptToken = (path: string): string | null => sessionStorage.getItem(key(path));
export const keepToken = (path: string, token: string): void => sessionStorage.setItem(key(path), token);

/** Whether a token opens only a meeting that a host has started. A guest gets a new one whenever the page is loaded. */
export function waitsForHost(token: string): boolean {
  try {
    const [, claims = ''] = token.split('.');
    const { context } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as {
      context?: { user?: { needs_host?: unknown } };
    };
    return context?.user?.needs_host !== undefined;
  } catch {
    return false;
  }
}

/** The token of a link that has it after the `#`. */
export const tokenInFragment = (hash: string): string | undefined =>
  /[#&]jwt=(?:"|%22)?([\w-]+\.[\w-]+\.[\w-]+)/.exec(hash)?.[1];
