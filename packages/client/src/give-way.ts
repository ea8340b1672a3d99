import { systemClock } from '@bowline/apimachinery';

/** Lets timers and others run before code is loaded, which takes time of the machine, whatever the clock of a client says. */
export async function giveWay(): Promise<void> {
  await systemClock.turn();
  await systemClock.turn(); // after I/O the first comes before timers
}
