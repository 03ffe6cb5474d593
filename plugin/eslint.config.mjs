// Figma's own rules for plugins: no synchronous call that `dynamic-page` forbids, nothing deprecated.
// And one of ours: whatever is shown goes in as text.
import figma from "@figma/eslint-plugin-figma-plugins";
import parser from "@typescript-eslint/parser";

const MARKUP = /^(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|eval)$/;
const noMarkup = {
  "no-restricted-syntax": [
    "error",
    { selector: `Identifier[name=${MARKUP}]`, message: "Strangers write the names of layers: show them as text." },
    { selector: `JSXAttribute > JSXIdentifier[name=${MARKUP}]`, message: "Strangers write the names of layers: show them as text." },
  ],
};
const typed = (folder) => ({ parser, parserOptions: { project: `${folder}/tsconfig.json`, tsconfigRootDir: import.meta.dirname } });

export default [
  { ignores: ["dist/", "node_modules/"] },
  {
    files: ["src/main/**/*.ts"],
    languageOptions: typed("src/main"),
    plugins: { "@figma/figma-plugins": figma },
    rules: figma.flatConfigs.recommended.rules,
  },
  { files: ["src/ui/**/*.{ts,tsx}"], languageOptions: typed("src/ui"), rules: noMarkup },
  { files: ["stand_in/**/*.ts"], languageOptions: typed("stand_in"), rules: noMarkup },
];
