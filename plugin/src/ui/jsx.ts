// What JSX becomes: the build brings these two to each file that has any.
export { Fragment, h } from "preact";
