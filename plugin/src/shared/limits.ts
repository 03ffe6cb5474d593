// What the service takes at most; it checks the same again.
export const MOST_ROOTS = 50;
export const MOST_LAYERS = 2000;
export const MOST_LEVELS = 60;
export const MOST_BYTES = 1_000_000;
export const MOST_COLOURS = 500;
export const MOST_IGNORED = 500;
export const MOST_QUESTION = 2000;
export const MOST_REASON = 300;
