// Earlier jobs: open, delete.

const jobs = { cursor: "" };

function startJobs() {
  byId("jobs-more").onclick = () => loadJobs(false);
}

async function loadJobs(first = true) {
  tellError("jobs-error", "");
  const page = first || !jobs.cursor ? "" : `&cursor=${encodeURIComponent(jobs.cursor)}`;
  try {
    const { data } = await call("GET", `jobs?limit=10${page}`);
    jobs.cursor = data.next_cursor ?? "";
    if (first) byId("jobs").replaceChildren();
    byId("jobs").append(...data.jobs.map(jobRow));
    show("jobs-more", Boolean(jobs.cursor));
    show("jobs-none", !byId("jobs").children.length);
  } catch (problem) {
    tellError("jobs-error", sentence(problem), "Try again", () => loadJobs(first));
  }
}

function jobRow(status) {
  const name = sessionStorage.getItem(`name-${status.id}`) || `Job ${status.id.slice(0, 8)}`;
  const link = make("a", { href: `#job=${status.id}` }, name);
  const facts = `${time(status.created_at)} · ${counted(status.contacts.total, "row")}`;
  const kind = { COMPLETED: "good", FAILED: "bad", CANCELLED: "so-so", COMPLETED_WITH_ERRORS: "so-so" }[status.status] ?? "";
  const badge = make("span", { className: `badge ${kind}` }, STATUS_NAMES[status.status] ?? status.status);
  const row = make("li", {}, make("p", { className: "grow" }, link, make("small", {}, facts)), badge);
  row.append(make("button", {
    className: "quiet danger", type: "button", "aria-label": `Delete ${name}, ${facts}`,
    onclick: async () => {
      if (!await deleteJob(status.id, name, "jobs-error")) return;
      row.remove();
      show("jobs-none", !byId("jobs").children.length);
      byId("jobs-title").focus();
    },
  }, "Delete"));
  return row;
}
