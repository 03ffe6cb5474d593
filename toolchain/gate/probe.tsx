// What a component shows and does, as text: two that say the same here are equivalent.
import { cleanup, createEvent, fireEvent, render } from "@testing-library/react";
import * as React from "react";
import cases from "./gate_cases.json";

const controls = "button, a, input, select, textarea, form, [role=button], [role=tab], [role=switch], [tabindex]";

export async function probe(load) {
  const said = [];
  const hear = (event) => {
    said.push(["error", String(event.error?.message ?? event.message)]);
    event.preventDefault();
  };
  const loud = console.error;
  console.error = () => {};
  window.addEventListener("error", hear);
  try {
    const module = await load();
    for (const each of cases) {
      const Component = module[each.component];
      const given = { ...each.props };
      for (const name of each.handlers) given[name] = (...words) => said.push([name, ...words.map((word) => typeof word)]);
      for (const name of each.slots) given[name] = React.createElement("b", null, "Something");
      try {
        const { container } = render(React.createElement(Component, given));
        said.push(container.innerHTML);
        for (const control of container.querySelectorAll(controls)) {
          const event = control.localName === "form" ? createEvent.submit(control) : createEvent.click(control);
          fireEvent(control, event);
          said.push(event.defaultPrevented);
          if (control.localName === "input") fireEvent.change(control, { target: { value: "7" } });
        }
        said.push(container.innerHTML);
      } catch (error) {
        said.push(["thrown", String(error?.message)]);
      }
      cleanup();
    }
  } finally {
    window.removeEventListener("error", hear);
    console.error = loud;
  }
  return JSON.stringify(said);
}
