/** A message about a setting. */
export interface Remark {
  /** Path of the setting. */
  readonly keys: readonly string[];
  readonly message: string;
}
