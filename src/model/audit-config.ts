/** `[audit]` as the server uses it. Pure. */
export interface AuditConfig {
  /** Bytes of all files together. */
  readonly keep: number;
  /** Whether acts that take `admin` or `configure` are allowed while nothing can be recorded. */
  readonly whenFull: 'refuse' | 'go on';
  /** Consoles whose input is recorded: patterns of names, `@group`. */
  readonly input: readonly string[];
}
