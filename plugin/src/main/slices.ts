// Long work in short slices: Figma's editor stands still while a plugin works.

/** Well below 50 ms, which people notice, with room for one slow step at the end of a slice. */
export const SLICE_MS = 16;

export class Slices {
  private since = Date.now();

  /** Whether it is time to `rest`. Asked after each small step. */
  get isDue(): boolean {
    return Date.now() - this.since >= SLICE_MS;
  }

  /** Let the editor draw, then begin the next slice. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.since = Date.now();
  }
}
