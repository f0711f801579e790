// Step 2: what each column is read as, and the chance to correct it.

const CHARSETS = [
  "UTF-8", "Windows-1252", "Windows-1250", "Windows-1251", "ISO-8859-2", "Shift_JIS", "GBK", "Big5", "EUC-KR",
];
/** Fields that several columns can hold: the first cell that is not blank counts. */
const SPREAD = ["email", "phone"];
const SHOWN_CELLS = 3;

function startColumns() {
  byId("charset").append(...CHARSETS.map((name) => make("option", { value: name }, name)));
  byId("charset").onchange = (event) => correct({ charset: event.target.value, mapping: {} });
  byId("sheet").onchange = (event) => correct({ sheet: event.target.value.trim(), mapping: {} });
  byId("country").onchange = (event) => correct({ country: event.target.value.trim().toUpperCase() });
  show("country-part", FACTS.default_country);
  byId("columns-reset").onclick = () => {
    correct({ mapping: {} });
    byId("columns-title").scrollIntoView({ block: "nearest" });
  };
}

/** Preview again with other options. If the service refuses them, the old ones stay. */
async function correct(change) {
  const before = { ...list };
  Object.assign(list, change);
  list.work?.abort();
  list.work = new AbortController();
  tellError("columns-error", "");
  try {
    const { data } = await call("POST", "preview", listOptions(), { signal: list.work.signal });
    list.preview = data;
    drawColumns();
    announce(byId("columns-sum").textContent);
    changedOrder();
  } catch (problem) {
    if (problem.name === "AbortError") return;
    Object.assign(list, before);
    drawColumns();
    tellError("columns-error", sentence(problem));
  }
}

function drawColumns() {
  const { preview } = list;
  const known = preview.columns.length - preview.ignored.length;
  const kind = preview.sheet ? "workbook" : { csv: "CSV", json: "JSON", ndjson: "JSON lines" }[preview.kind] ?? preview.kind;
  const facts = [preview.sheet ? `${kind}, sheet “${preview.sheet}”` : kind];
  if (!preview.encoding_certain) facts.push(`${preview.encoding}, which is a guess`);
  byId("file-facts").textContent = `${byId("file-facts").textContent.split(" · ")[0]} · ${facts.join(" · ")}`;
  byId("columns-sum").textContent = summaryOfColumns(known, preview.ignored.length);
  byId("warnings").replaceChildren(...preview.warnings.map((text) => make("li", {}, text)));
  show("warnings", preview.warnings.length > 0);
  show("sheet-part", Boolean(preview.sheet));
  byId("sheet").value = preview.sheet ?? "";
  show("charset-part", !preview.encoding_certain || list.charset !== "");
  byId("charset").value = list.charset;
  byId("country").value = list.country;
  show("columns-reset", Object.keys(list.mapping).length > 0);
  drawRows();
  drawSample();
}

function summaryOfColumns(known, ignored) {
  if (known === 0) return "No column is understood. Say for at least one what it holds.";
  const left = ignored ? ` ${counted(ignored, "is", "are")} ignored and ${ignored === 1 ? "comes" : "come"} back unchanged.` : "";
  return `${counted(known, "column is", "columns are")} used to find people.${left}`;
}

/** A row for each column. Those that are there already stay, so that the focus does. */
function drawRows() {
  const body = byId("columns-rows");
  const { columns } = list.preview;
  const same = body.rows.length === columns.length && columns.every((c, at) => body.rows[at].cells[0].textContent === named(c));
  if (!same) body.replaceChildren(...columns.map((column, at) => columnRow(column, at)));
  columns.forEach((column, at) => {
    const row = body.rows[at];
    row.className = column.field ? "" : "ignored";
    row.cells[1].textContent = firstCells(at);
    row.querySelector("select").value = column.field ?? "";
  });
}

const named = (column) => column.column || "(no name)";

function columnRow(column, at) {
  const id = `column-${at}`;
  const choices = FACTS.column_fields.map((field) => make("option", { value: field }, fieldName(field)));
  const select = make("select", {
    id, "aria-label": `Read “${named(column)}” as`, onchange: (event) => mapColumn(column.column, event.target.value),
  }, make("option", { value: "" }, "— ignored —"), ...choices);
  return make("tr", {}, make("th", { scope: "row" }, named(column)), make("td"), make("td", {}, select));
}

function firstCells(at) {
  const cells = list.preview.rows.map((row) => (row.cells[at] ?? "").trim()).filter(Boolean);
  return [...new Set(cells)].slice(0, SHOWN_CELLS).join(" · ") || "(empty)";
}

/** Other columns of a field that several can hold stay what they are, which the service must be told. */
function mapColumn(column, field) {
  const mapping = { ...list.mapping, [column]: field };
  for (const other of list.preview.columns) {
    if (other.column === column || other.field !== field) continue;
    if (SPREAD.includes(field)) mapping[other.column] = field;
    else if (other.column in mapping) mapping[other.column] = "";
  }
  correct({ mapping });
}

function drawSample() {
  const { columns, rows } = list.preview;
  const fields = [...new Set(columns.map((column) => column.field).filter(Boolean))];
  const head = make("tr", {}, ...fields.map((field) => make("th", { scope: "col" }, fieldName(field))));
  const lines = rows.map((row) => {
    if (row.error) return make("tr", {}, make("td", { className: "wrong", colSpan: fields.length || 1 }, row.error));
    return make("tr", {}, ...fields.map((field) => sampleCell(row, field)));
  });
  byId("sample").replaceChildren(make("thead", {}, head), make("tbody", {}, ...lines));
}

function sampleCell(row, field) {
  const problem = row.problems[field];
  return make("td", { className: problem ? "wrong" : "" }, problem ? `not used: ${problem}` : row.contact[field] ?? "");
}
