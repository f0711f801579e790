// Elements of the page. Everything that comes from a list or the service goes in as text, never as HTML.

const byId = (id) => document.getElementById(id);

/** A new element. Properties that it does not have become attributes; children may be texts. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function show(id, visible = true) {
  byId(id).hidden = !visible;
}

/** Show a text, and hide the element where there is none. */
function tell(id, text) {
  byId(id).textContent = text;
  show(id, text !== "");
}

/** Show an error, with a button for what can be done about it; "" takes it away. */
function tellError(id, text, todo, action) {
  tell(id, "");
  if (!text) return;
  const parts = [make("p", {}, text)];
  if (action) parts.push(make("button", { type: "button", onclick: action }, todo));
  byId(id).replaceChildren(...parts);
  show(id);
}

/** Tell something to those who cannot see the page. */
function announce(text) {
  const said = byId("said");
  if (said.textContent !== text) said.textContent = text;
}

/** Show one of the views, and go to its heading if somebody came there by a click or a key. */
function showView(name, focus = true) {
  for (const view of ["key", "start", "job"]) show(`${view}-view`, view === name);
  show("forget", name !== "key");
  if (focus) {
    byId(`${name}-title`).focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

/** Ask before something that cannot be taken back: a promise of true or false. */
function ask(title, text, yes) {
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  return new Promise((resolve) => {
    let agreed = false;
    byId("ask-yes").onclick = () => { agreed = true; dialog.close(); };
    byId("ask-no").onclick = () => dialog.close();
    dialog.onclose = () => resolve(agreed);
    dialog.showModal();
    byId("ask-no").focus();
  });
}

/** Part of a bar. Its width is set here: the page's policy takes no style in the HTML. */
function barPart(kind, share) {
  const part = make("i", { className: kind });
  part.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return part;
}
