/** What the module is and how it is connected, for the sidebar. What it does not tell is missing. */
export interface Facts {
  readonly model?: string;
  readonly firmware?: string;
  /** 3GPP TS 27.007 8.3, such as `READY` or `SIM PIN`; `none` if the module finds no SIM. */
  readonly sim?: string;
  /** 3GPP TS 27.007 7.2: 1 = registered, home network; 5 = registered, roaming. */
  readonly registration?: number;
  readonly operator?: string;
  /** Such as `LTE`. */
  readonly technology?: string;
  /** RSSI in dBm. */
  readonly signal?: number;
}
