// Checks of values that come from elsewhere: the other half of the plugin, the service, the file.
// A check is also the type of what it lets through, so that the two cannot drift apart.

export type Check<T> = (value: unknown) => value is T;
export type Checked<C> = C extends Check<infer T> ? T : never;

export const text: Check<string> = (value): value is string => typeof value === "string";
export const bool: Check<boolean> = (value): value is boolean => typeof value === "boolean";
export const number: Check<number> = (value): value is number =>
  typeof value === "number" && Number.isFinite(value);
export const anything: Check<unknown> = (value): value is unknown => value !== undefined;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function exactly<const T extends string>(words: readonly T[]): Check<T> {
  return (value): value is T => (words as readonly unknown[]).includes(value);
}

export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

/** Missing is as good as null: a newer or older service may leave a field out. */
export function maybe<T>(check: Check<T>): Check<T | null | undefined> {
  return (value): value is T | null | undefined => value === undefined || value === null || check(value);
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((each) => check(each));
}

export function record<T>(check: Check<T>): Check<Record<string, T>> {
  return (value): value is Record<string, T> => isObject(value) && Object.values(value).every((each) => check(each));
}

type Fields = Record<string, Check<unknown>>;
export type Shape<F extends Fields> = { [K in keyof F]: Checked<F[K]> };

/** At least these fields; more may be there. */
export function object<F extends Fields>(fields: F): Check<Shape<F>> {
  return (value): value is Shape<F> =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
}

type Tagged<M extends Record<string, Fields>> = { [K in keyof M]: { kind: K } & Shape<M[K]> }[keyof M];

/** A message of one of these kinds, with the fields of its kind. */
export function tagged<M extends Record<string, Fields>>(kinds: M): Check<Tagged<M>> {
  return (value): value is Tagged<M> => {
    const kind = isObject(value) ? value["kind"] : undefined;
    const fields = typeof kind === "string" && Object.keys(kinds).includes(kind) ? kinds[kind] : undefined;
    return fields !== undefined && object(fields)(value);
  };
}
