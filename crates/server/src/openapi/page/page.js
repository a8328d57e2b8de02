"use strict";
// Draws /openapi.json. Texts are set as text, never as markup.
const METHODS = ["get", "post", "put", "patch", "delete"];

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function named(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? { name, schema: api.components.schemas[name] ?? {} } : { name: null, schema: schema ?? {} };
}

function kindOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const types = [schema.type ?? []].flat();
  if (types.includes("array")) return `${kindOf(schema.items) || "any"}[]`;
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choices) return choices.map((one) => kindOf(one) || "object").join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  return (types.join(" | ") || "any") + (schema.format ? ` (${schema.format})` : "");
}

// A schema as indented lines: member, type, meaning.
function lines(api, schema, depth, seen) {
  const { name, schema: inner } = named(api, schema);
  if (name && seen.includes(name)) return [];
  const path = name ? [...seen, name] : seen;
  const indent = "  ".repeat(depth);
  const out = [];
  for (const one of inner.oneOf ?? inner.anyOf ?? inner.allOf ?? []) {
    if (inner.oneOf && depth < 5) out.push(`${indent}– one of:`);
    out.push(...lines(api, one, depth + 1, path));
  }
  for (const [member, value] of Object.entries(inner.properties ?? {})) {
    const must = (inner.required ?? []).includes(member) ? "" : "?";
    const about = (value.description ?? "").split("\n")[0];
    out.push(`${indent}${member}${must}: ${kindOf(value)}${about ? `   — ${about}` : ""}`);
    if (depth < 5) out.push(...lines(api, value.items ?? value, depth + 1, path));
  }
  if (inner.items && !inner.properties) out.push(...lines(api, inner.items, depth, path));
  return out;
}

function shape(api, content) {
  const nodes = [];
  for (const [kind, media] of Object.entries(content ?? {})) {
    nodes.push(make("div", { class: "soft" }, `${kind}: ${kindOf(media.schema) || "any"}`));
    const text = lines(api, media.schema, 0, []).join("\n");
    if (text) nodes.push(make("pre", null, text));
  }
  return nodes;
}

function credentials(operation) {
  const sets = operation.security ?? [];
  if (sets.length === 0) return "nobody is asked";
  return sets.map((set) => Object.keys(set).join(" + ") || "none").join(", or ");
}

function details(api, path, method, operation) {
  const box = make("div");
  const paragraphs = (operation.description ?? "").split("\n\n").filter(Boolean);
  box.append(...paragraphs.map((text) => make("p", null, text)));
  box.append(make("h3", null, "Credentials"), make("div", null, credentials(operation)));
  const parameters = operation.parameters ?? [];
  if (parameters.length) {
    const rows = parameters.map((one) =>
      make("tr", null, make("td", null, make("code", null, one.name)), make("td", { class: "soft" }, `${one.in}${one.required ? ", required" : ""}`),
        make("td", null, make("code", null, kindOf(one.schema))), make("td", null, one.description ?? "")));
    box.append(make("h3", null, "Parameters"), make("table", null, ...rows));
  }
  if (operation.requestBody) box.append(make("h3", null, "Request"), ...shape(api, operation.requestBody.content));
  box.append(make("h3", null, "Answers"));
  const rows = Object.entries(operation.responses).map(([status, answer]) => {
    const body = status < "400" ? shape(api, answer.content) : [];
    return make("tr", null, make("td", null, make("code", null, status)), make("td", null, answer.description ?? "", ...body));
  });
  box.append(make("table", null, ...rows));
  return box;
}

function draw(api, wanted) {
  const areas = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const operation = item[method];
      const text = [path, method, operation.summary, operation.tags, Object.keys(operation.responses)].join(" ").toLowerCase();
      if (wanted && !text.includes(wanted)) continue;
      const line = make("summary", null, make("b", { class: `method ${method}` }, method), make("code", null, path), make("span", null, operation.summary ?? ""));
      const entry = make("details", { id: operation.operationId }, line);
      // Drawn when it is looked at: there are many.
      entry.addEventListener("toggle", () => {
        if (entry.open && entry.children.length === 1) entry.append(details(api, path, method, operation));
      });
      const area = operation.tags?.[0] ?? "other";
      areas.set(area, [...(areas.get(area) ?? []), entry]);
    }
  }
  const main = document.getElementById("areas");
  main.replaceChildren();
  for (const [area, entries] of [...areas].sort()) main.append(make("h2", null, area), ...entries);
  if (areas.size === 0) main.append(make("p", null, "Nothing like that."));
}

async function start() {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const api = await answer.json();
  document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
  document.getElementById("about").textContent = api.info.description;
  const find = document.getElementById("find");
  find.addEventListener("input", () => draw(api, find.value.trim().toLowerCase()));
  draw(api, "");
}

start().catch((error) => {
  document.getElementById("areas").textContent = `The description could not be read: ${error.message}. Load the page again.`;
});
