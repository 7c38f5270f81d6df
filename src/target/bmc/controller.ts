// What a BMC tells besides power: what it is, and what it wrote down.

export interface BmcIdentity {
  /** Of the machine or the BMC, with its maker. */
  model: string;
  /** The BMC's own firmware. */
  firmware: string;
}

export interface BmcEvent {
  /** On our clock: the BMC's own is compared with it at each reading. */
  at: Date;
  text: string;
}

export interface BmcController {
  identify(): Promise<BmcIdentity>;
  /** The event log from a time on, in the BMC's order. Harness fault when it can't be read. */
  events(since: Date): Promise<BmcEvent[]>;
}

/** A BMC's time on our clock, by both clocks at one moment. */
export function onOurClock(bmcMs: number, moment: { bmcMs: number; oursMs: number }): Date {
  return new Date(bmcMs - moment.bmcMs + moment.oursMs);
}
