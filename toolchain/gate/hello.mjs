// Whether the packages can be read from inside the sandbox.
import "oxc-parser";

console.log("hello");
