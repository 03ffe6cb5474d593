// @supabase/lite imports its config by path, which Node reads as a URL: a `%`, `#` or `?` in the name
// of a folder would be taken for more than a letter of it.
import { registerHooks } from "node:module";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";

registerHooks({
  resolve: (specifier, context, next) =>
    next(isAbsolute(specifier) ? pathToFileURL(specifier).href : specifier, context),
});
