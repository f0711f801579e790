// Step 1: a file is chosen or dropped, sent to the bucket, and previewed.

const list = { name: "", uploadId: "", preview: null, mapping: {}, sheet: "", charset: "", country: "", work: null };

function startList() {
  const drop = byId("drop");
  byId("file").onchange = (event) => takeFile(event.target.files[0]);
  byId("other-file").onclick = () => { dropList(); byId("file").focus(); };
  for (const kind of ["dragover", "drop"]) { // a file that misses the field must not replace the page
    document.addEventListener(kind, (event) => event.preventDefault());
  }
  drop.ondragover = () => drop.classList.add("over");
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    drop.classList.remove("over");
    takeFile(event.dataTransfer.files[0]);
  };
}

/** Forget the list. Its upload is deleted, unless a job was started from it: that is erased with the job. */
function dropList(started = false) {
  list.work?.abort();
  if (list.uploadId && !started) call("DELETE", `uploads/${list.uploadId}`).catch(() => {}); // it expires by itself
  Object.assign(list, { name: "", uploadId: "", preview: null, mapping: {}, sheet: "", charset: "", country: "", work: null });
  byId("file").value = "";
  tellError("list-error", "");
  show("drop");
  for (const id of ["chosen", "sending", "columns-part", "order-part"]) show(id, false);
}

function refusedFile(file) {
  if (file.size === 0) return `“${file.name}” is empty. Choose a file that has contacts in it.`;
  if (file.size > MAX_BYTES) return `“${file.name}” has ${size(file.size)}; a list has at most 5 GB. Split it.`;
  return "";
}

async function takeFile(file) {
  if (!file) return;
  dropList();
  if (refusedFile(file)) {
    tellError("list-error", refusedFile(file));
    return;
  }
  list.work = new AbortController();
  list.name = file.name;
  byId("file-name").textContent = file.name;
  byId("file-facts").textContent = size(file.size);
  show("drop", false);
  show("chosen");
  try {
    await sendList(file, list.work.signal);
    await readList();
  } catch (problem) {
    if (problem.name !== "AbortError") hopeless(problem, file);
  }
}

async function sendList(file, signal) {
  const bar = byId("sent");
  bar.value = 0;
  byId("sent-label").textContent = "Sending the file";
  show("sending");
  const { data: form } = await call("POST", "uploads", {}, { signal });
  list.uploadId = form.upload_id;
  await sendFile(form, file, (share) => { bar.value = share; }, signal);
  byId("sent-label").textContent = "Reading the list";
  bar.removeAttribute("value");
  announce("The file is sent. The service reads it.");
}

/** The list cannot be used: say why, and let the user choose another one. */
function hopeless(problem, file) {
  dropList();
  const again = problem.status === 0 || problem.status >= 500 || problem.status === 429;
  const text = again || problem.status === 401 || problem.status === 403 ? sentence(problem) : `“${file.name}” cannot be used: ${problem.message}`;
  tellError("list-error", text, "Try again", again && (() => takeFile(file)));
}

/** What the list is and how it is to be read, for each request about it. */
function listOptions() {
  const options = { upload_id: list.uploadId };
  if (Object.keys(list.mapping).length) options.mapping = list.mapping;
  if (list.sheet) options.sheet = list.sheet;
  if (list.charset) options.charset = list.charset;
  if (list.country) options.default_country = list.country;
  return options;
}

/** Preview the list for the first time. */
async function readList() {
  const { data } = await call("POST", "preview", listOptions(), { signal: list.work.signal });
  list.preview = data;
  show("sending", false);
  drawColumns();
  show("columns-part");
  await openOrder();
  byId("columns-title").scrollIntoView();
}
