// What became of the rows: counts, the file, fill rates before and after, problems, providers.

function drawCounts(contacts) {
  const kinds = Object.keys(ROW_NAMES).filter((kind) => contacts[kind] > 0);
  const bar = byId("row-bar");
  for (const kind of Object.keys(ROW_NAMES)) { // parts stay where they are, so that they can grow
    const part = bar.querySelector(`.${kind}`) ?? bar.appendChild(barPart(kind, 0));
    part.style.width = `${contacts.total ? contacts[kind] / contacts.total * 100 : 0}%`;
  }
  show("row-bar", contacts.total > 0);
  byId("row-counts").replaceChildren(...kinds.map((kind) => make("li", {}, make("i", { className: `dot ${kind}` }), `${number(contacts[kind])} ${ROW_NAMES[kind]}`)));
}

function drawEnd(status) {
  const began = Date.parse(status.created_at);
  const took = status.finished_at ? ` in ${duration((Date.parse(status.finished_at) - began) / 1000)}` : "";
  const paid = status.credits ?? status.providers.reduce((sum, provider) => sum + provider.credits, 0);
  const cost = paid ? `${counted(paid, "credit")} spent` : "nothing spent";
  byId("job-line").textContent = `${counted(status.contacts.total, "row")}${took} · ${cost} · started ${time(status.created_at)}`;
  document.title = `${STATUS_NAMES[status.status]} · ${job.name}`;
  announce(`${STATUS_NAMES[status.status]}. ${byId("job-line").textContent}`);
  if (status.error) tellError("job-error", status.error);
  drawDownload(status.result);
  drawFill(status.fields ?? [], status.contacts.total);
  drawProblems(status.problems ?? []);
  drawReading(status);
  byId("progress").value = 1;
}

function drawDownload(result) {
  show("finished", Boolean(result && /^https?:/.test(result.url)));
  if (byId("finished").hidden) return;
  const link = byId("download");
  const name = { xlsx: "Excel workbook", csv: "CSV", jsonl: "JSON lines" }[result.format] ?? result.format;
  link.textContent = `Download · ${name}, ${size(result.bytes)}`;
  link.href = result.url;
  job.expires = Date.parse(result.expires_at);
}

/** The link works for an hour; after that another one is fetched first. */
async function refreshDownload(event) {
  if (Date.now() < job.expires - 30_000) return;
  event.preventDefault();
  try {
    const { data } = await call("GET", `status/${job.id}`);
    drawDownload(data.result);
    location.assign(data.result.url);
  } catch (problem) {
    tellError("job-error", sentence(problem));
  }
}

function drawFill(fields, rows) {
  const drawn = fields.filter(({ given, found, guessed }) => given + found + guessed > 0);
  const isMain = ({ field }) => FACTS.column_fields.includes(field);
  const more = drawn.filter((fill) => !isMain(fill));
  show("fill-part", drawn.length > 0 && rows > 0);
  show("fill-more", more.length > 0);
  byId("fill-rows").replaceChildren(...drawn.filter(isMain).map((fill) => fillRow(fill, rows)));
  byId("fill-more-rows").replaceChildren(...more.map((fill) => fillRow(fill, rows)));
}

function fillRow({ field, given, found, guessed }, rows) {
  const bar = make("div", { className: "bar" }, barPart("given", given / rows), barPart("found", found / rows), barPart("guessed", guessed / rows));
  const more = [found && `${number(found)} found`, guessed && `${number(guessed)} guessed`].filter(Boolean).join(", ");
  const rates = `${percent(given / rows)} → ${percent((given + found + guessed) / rows)}`;
  return make("tr", {}, make("th", { scope: "row" }, fieldName(field)), make("td", {}, bar), make("td", {}, rates, make("small", {}, more)));
}

function drawProblems(problems) {
  show("problems-part", problems.length > 0);
  byId("problems").replaceChildren(...problems.map(({ problem, rows }) => make("li", {}, problem, make("span", {}, counted(rows, "row")))));
}

function drawUses({ providers, status }) {
  show("uses-part", providers.some((use) => use.lookups || use.cached || TROUBLES[use.state]));
  byId("uses").replaceChildren(...providers.map((use) => {
    const numbers = [use.lookups, use.matches, use.cached, use.credits].map((value) => make("td", {}, number(value)));
    return make("tr", {}, make("th", { scope: "row" }, providerName(use)), ...numbers);
  }));
  const notes = providers.filter((use) => TROUBLES[use.state] && !(use.state === "throttled" && ENDED.includes(status)))
    .map((use) => `${providerName(use)} ${TROUBLES[use.state]}`);
  const unsure = providers.filter((use) => use.uncertain).map((use) => `${providerName(use)}: ${counted(use.uncertain, "lookup")} may have been charged twice, because an answer was lost.`);
  byId("uses-notes").replaceChildren(...[...notes, ...unsure].map((text) => make("li", {}, text)));
  show("uses-notes", notes.length + unsure.length > 0);
}

function drawReading(status) {
  const columns = status.columns ?? [];
  const read = columns.filter((column) => column.field);
  byId("read-as").replaceChildren(...read.map(({ column, field }) => make("li", {}, `${fieldName(field)} ← “${column}”`)),
    ...(status.warnings ?? []).map((text) => make("li", {}, text)));
  byId("read-ignored").textContent = status.ignored?.length ? `Ignored: ${status.ignored.map((name) => `“${name}”`).join(", ")}` : "";
  show("read-part", columns.length > 0);
}
