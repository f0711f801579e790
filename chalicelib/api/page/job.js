// A job under way: progress, rate and time left; cancel, retry, delete.

const NO_JOB = { id: "", name: "", work: null, samples: [], failures: 0, told: "", cancelling: false, expires: 0 };
const job = { ...NO_JOB };
/** The rate is that of the last half minute. */
const WINDOW = 30;

function startJobView() {
  byId("cancel").onclick = cancelJob;
  byId("retry").onclick = () => change("retry", "The failed rows are tried again.");
  byId("delete").onclick = async () => {
    if (await deleteJob(job.id, job.name)) location.hash = "";
  };
  byId("download").onclick = refreshDownload;
  document.addEventListener("visibilitychange", () => { // timers sleep while nobody looks
    if (!document.hidden && job.id && !byId("under-way").hidden) openJob(job.id, false);
  });
}

function leaveJob() {
  job.work?.abort();
  Object.assign(job, { ...NO_JOB, samples: [] });
  document.title = "Contact enrichment";
}

/** Show a job, and follow it to its end. */
async function openJob(id, fresh = true) {
  job.work?.abort();
  if (fresh) {
    leaveJob();
    clearJob();
  }
  job.id = id;
  job.name = sessionStorage.getItem(`name-${id}`) || `Job ${id.slice(0, 8)}`;
  byId("job-title").textContent = job.name;
  const work = new AbortController();
  job.work = work;
  try {
    while (!work.signal.aborted) await pause(await look(work.signal), work.signal);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    if (problem.status === 404) jobGone();
    else tellError("job-error", sentence(problem), "Try again", () => openJob(id));
  }
}

function clearJob() {
  for (const id of ["cancel", "retry", "delete", "finished", "fill-part", "problems-part", "uses-part", "read-part"]) show(id, false);
  for (const id of ["row-bar", "row-counts"]) byId(id).replaceChildren();
  for (const id of ["job-status", "job-line", "percent", "pace"]) byId(id).textContent = "";
  byId("job-status").className = "badge";
  byId("progress").className = "";
  byId("progress").removeAttribute("value");
  show("under-way");
  show("row-bar", false);
  tellError("job-error", "");
}

function jobGone() {
  clearJob();
  show("under-way", false);
  tellError("job-error", "There is no such job any more: it was deleted, or its time has run out, or another key started it.");
}

/** Ask for the status once and draw it: in how many seconds to ask again. An AbortError ends the following. */
async function look(signal) {
  let answer;
  try {
    answer = await call("GET", `status/${job.id}`, undefined, { signal });
  } catch (problem) {
    const passing = problem.status === 0 || problem.status === 429 || problem.status >= 500;
    if (!passing) throw problem;
    job.failures += 1;
    const wait = problem.wait || Math.min(30, 2 ** job.failures);
    tellError("job-error", `The service does not answer. The job goes on all the same; the next try is in ${duration(wait)}.`);
    return wait;
  }
  if (job.failures) tellError("job-error", "");
  job.failures = 0;
  drawJob(answer.data);
  if (ENDED.includes(answer.data.status)) throw new DOMException("", "AbortError");
  return Math.max(1, answer.wait || 2);
}

function drawJob(status) {
  const ended = ENDED.includes(status.status);
  const cancelled = job.cancelling && !ended;
  const badge = byId("job-status");
  badge.textContent = cancelled ? "Being cancelled" : STATUS_NAMES[status.status] ?? status.status;
  badge.className = `badge ${{ COMPLETED: "good", COMPLETED_WITH_ERRORS: "so-so", CANCELLED: "so-so", FAILED: "bad" }[status.status] ?? ""}`;
  show("under-way", !ended);
  show("cancel", ["QUEUED", "SPLITTING", "ENRICHING"].includes(status.status) && !cancelled);
  show("retry", ["COMPLETED_WITH_ERRORS", "FAILED"].includes(status.status));
  show("delete", ended);
  drawCounts(status.contacts);
  drawUses(status);
  if (ended) {
    drawEnd(status);
    return;
  }
  for (const id of ["finished", "fill-part", "problems-part"]) show(id, false); // of an earlier run
  drawProgress(status);
}

function drawProgress(status) {
  const { total, processed } = status.contacts;
  const share = total ? processed / total : 0;
  const bar = byId("progress");
  if (total) bar.value = share;
  else bar.removeAttribute("value");
  bar.className = total ? "unseen" : ""; // those who see have the bar of the rows
  byId("percent").textContent = total ? percent(share) : "";
  byId("job-line").textContent = total ? `${number(processed)} of ${counted(total, "row")}` : "The job has begun. You can close this page: it goes on without it.";
  byId("pace").textContent = status.status === "ENRICHING" ? paceText(status) : "";
  document.title = `${total ? percent(share) : "…"} · ${job.name}`;
  tellProgress(status.status, total ? Math.floor(share * 10) : 0);
}

/** Every tenth is told, not every look. */
function tellProgress(state, tenths) {
  if (job.told === `${state}${tenths}`) return;
  job.told = `${state}${tenths}`;
  announce(tenths ? `${STATUS_NAMES[state] ?? state}: ${tenths * 10} percent` : STATUS_NAMES[state] ?? state);
}

function paceText(status) {
  const { total, processed } = status.contacts;
  const now = Date.now() / 1000;
  job.samples.push([now, processed]);
  while (job.samples.length > 2 && job.samples[0][0] < now - WINDOW) job.samples.shift();
  const [began, before] = job.samples[0];
  const known = processed > before ? [began, before] : [Date.parse(status.created_at) / 1000, 0];
  const rate = (processed - known[1]) / Math.max(1, now - known[0]);
  if (rate <= 0) return "";
  const left = (total - processed) / rate;
  const speed = rate >= 1 ? `${number(Math.round(rate))} rows a second` : `${number(Math.round(rate * 60))} rows a minute`;
  return left > 0 ? `${speed} · about ${duration(left)} left` : speed;
}

async function cancelJob() {
  const yes = await ask("Cancel this job?", "Rows that are finished stay in the file; all others come back untouched. No more credits are spent.", "Yes, cancel it");
  if (!yes) return;
  job.cancelling = true;
  await change("cancel", "The job is being cancelled.");
}

async function change(what, said) {
  tellError("job-error", "");
  try {
    await call("POST", `jobs/${job.id}/${what}`);
    announce(said);
    if (what === "retry") job.cancelling = false;
    byId("job-title").focus({ preventScroll: true }); // the button is about to go
  } catch (problem) {
    job.cancelling = false;
    tellError("job-error", sentence(problem));
    if (problem.status !== 409) return;
  }
  openJob(job.id, false);
}

/** Delete a job if the user agrees: whether it is gone. */
async function deleteJob(id, name, errors = "job-error") {
  const yes = await ask("Delete this job?", `The list and the result of “${name}” are erased. This cannot be taken back.`, "Yes, delete it");
  if (!yes) return false;
  try {
    await call("DELETE", `jobs/${id}`);
    sessionStorage.removeItem(`name-${id}`);
    announce("The job is deleted.");
    return true;
  } catch (problem) {
    tellError(errors, sentence(problem));
    return false;
  }
}
