/** A port, for selection. */
export interface ListedPort {
  /** The most stable name: a by-id link if there is one. */
  readonly path: string;
  /** The device, if `path` is a link. */
  readonly device?: string;
  readonly manufacturer?: string;
  /** Such as `2c7c:0125`. */
  readonly usbId?: string;
  readonly interface?: string;
  /** Whether it belongs to a supported module. */
  readonly isModule: boolean;
  /** Whether it is the AT port of a supported module. */
  readonly isAtPort: boolean;
  /** The modem node that uses it. */
  readonly usedBy?: { readonly id: string; readonly name: string };
  readonly lockedBy?: string;
}
