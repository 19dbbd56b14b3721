/** A sentence about a setting of the file. */
export interface Remark {
  /** Where the setting is. */
  readonly keys: readonly string[];
  readonly message: string;
}
