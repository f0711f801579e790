// Step 3: providers and their order, fields, the cap, the estimate, and the start.

const order = { providers: [], chosen: new Set(["offline"]), timer: 0, work: null, key: "", asked: "" };
/** So long the options must rest before the service is asked what they cost. */
const REST = 0.7;

function startOrder() {
  byId("order").onsubmit = (event) => { event.preventDefault(); startJob(); };
  for (const id of ["output", "cap"]) byId(id).oninput = () => changedOrder();
  const groups = new Map();
  for (const field of FACTS.fields) {
    const group = groupOf(field);
    groups.set(group, [...(groups.get(group) ?? []), field]);
  }
  for (const [group, fields] of groups) {
    byId("fields").append(make("fieldset", {}, make("legend", {}, group), ...fields.map(fieldBox)));
  }
  byId("fields-all").onclick = () => tickFields(FACTS.fields);
  byId("fields-main").onclick = () => tickFields(FACTS.headline_fields);
}

function groupOf(field) {
  for (const [start, group] of [["email", "E-mail"], ["phone", "Phone"], ["company", "Work"], ["title", "Work"], ["linkedin", "Work"]]) {
    if (field.startsWith(start)) return group;
  }
  if (field === "duplicate_of") return "List";
  return ["city", "region", "country"].includes(field) ? "Place" : "Name";
}

function fieldBox(field) {
  const box = make("input", { type: "checkbox", value: field, checked: FACTS.default_fields.includes(field), onchange: () => changedOrder() });
  return make("label", {}, box, shortName(field));
}

const tickedFields = () => [...byId("fields").querySelectorAll("input:checked")].map((box) => box.value);

function tickFields(fields) {
  for (const box of byId("fields").querySelectorAll("input")) box.checked = fields.includes(box.value);
  changedOrder();
}

/** Show what can be chosen for the list that was just previewed. */
async function openOrder() {
  const { data } = await call("GET", "providers");
  const known = order.providers.map((provider) => provider.name); // in the order of the list before
  const usable = data.providers.filter((provider) => provider.configured);
  order.providers = usable.sort((a, b) => known.indexOf(a.name) - known.indexOf(b.name));
  const keyless = data.providers.filter((provider) => !provider.configured).map(providerName);
  tell("keyless", keyless.length ? `Cannot be asked, because there is no key for them here: ${keyless.join(", ")}. Whoever runs the service can add one.` : "");
  byId("output").value = list.preview.sheet ? "xlsx" : "csv";
  drawProviders();
  show("order-part");
  changedOrder();
}

function drawProviders() {
  byId("providers").replaceChildren(...order.providers.map(providerRow));
}

function providerRow(provider, at) {
  const { name } = provider;
  const title = providerName(provider);
  const box = make("input", {
    type: "checkbox", checked: order.chosen.has(name),
    onchange: (event) => { order.chosen[event.target.checked ? "add" : "delete"](name); changedOrder(); },
  });
  const about = name === "offline" ? "Formats and checks what the list has, and guesses what follows from it. Nobody else is asked." : "";
  const text = make("span", {}, make("b", {}, title), make("small", {}, about || fillsText(provider)));
  const cost = provider.credits_per_lookup ? `${counted(provider.credits_per_lookup, "credit")} a person` : "free";
  const label = make("label", {}, box, text, make("span", { className: "cost" }, cost));
  const moves = make("span", { className: "moves" }, moveButton(at, -1, "up", "↑"), moveButton(at, 1, "down", "↓"));
  return make("li", {}, label, moves);
}

function fillsText(provider) {
  const names = provider.fields.filter((field) => FACTS.headline_fields.includes(field)).map(fieldName);
  return names.length ? `Finds: ${names.join(", ")}` : `Gives: ${provider.fields.map(fieldName).join(", ")}`;
}

function moveButton(at, by, where, sign) {
  const other = order.providers[at + by];
  const title = providerName(order.providers[at]);
  const move = () => {
    [order.providers[at], order.providers[at + by]] = [other, order.providers[at]];
    drawProviders();
    const buttons = byId("providers").children[at + by].querySelectorAll(".moves button");
    (buttons[by < 0 ? 0 : 1].disabled ? buttons[by < 0 ? 1 : 0] : buttons[by < 0 ? 0 : 1]).focus();
    announce(`${title} is now number ${at + by + 1}.`);
    changedOrder();
  };
  return make("button", { type: "button", disabled: !other, "aria-label": `Ask ${title} ${where === "up" ? "earlier" : "later"}`, onclick: move }, sign);
}

const chosenProviders = () => order.providers.filter((provider) => order.chosen.has(provider.name));

/** All options of the job; what is as the service has it by itself is left out. */
function orderOptions() {
  const options = { ...listOptions(), providers: chosenProviders().map((provider) => provider.name), output: byId("output").value };
  const fields = tickedFields();
  if (fields.length !== FACTS.default_fields.length || !fields.every((field) => FACTS.default_fields.includes(field))) options.fields = fields;
  if (!byId("cap-part").hidden && byId("cap").value !== "") options.max_credits = Number(byId("cap").value);
  return options;
}

/** What keeps the job from being started as it is, "" for nothing. */
function missingChoice() {
  if (list.preview.columns.length === list.preview.ignored.length) return "No column of the list is understood: say in step 2 what one of them holds.";
  if (!chosenProviders().length) return "Choose at least one that is asked.";
  if (!tickedFields().length) return "Choose at least one field to fill.";
  if (!byId("cap").validity.valid) return "What may be spent at most must be a number that is not negative.";
  return "";
}

/** Something was changed: what was estimated does not hold any more. */
function changedOrder() {
  clearTimeout(order.timer);
  order.work?.abort();
  const fields = tickedFields().length;
  byId("fields-sum").textContent = fields === FACTS.fields.length ? "all" : `${fields} of ${FACTS.fields.length}`;
  show("cap-part", chosenProviders().some((provider) => provider.credits_per_lookup > 0));
  byId("start").disabled = true;
  byId("start").textContent = "Start";
  byId("estimate").replaceChildren();
  tellError("order-error", missingChoice());
  if (!missingChoice()) order.timer = setTimeout(estimateJob, REST * 1000);
}
