// The beginning: facts of the service, the key, and which view the address asks for.

const FACTS = JSON.parse(byId("facts").textContent);

/** Take a key out of the address at once, so that nobody sees or copies it there. */
function takeKey() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (!asked.has("key")) return;
  key.set(asked.get("key").trim());
  asked.delete("key");
  const rest = asked.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
}

function askForKey(why = "") {
  key.forget();
  leaveJob();
  showView("key");
  tellError("key-error", why);
  byId("key").value = "";
  byId("key").focus();
}

/** Show what the address asks for. */
function route(focus = true) {
  takeKey();
  if (!key.get()) {
    askForKey();
    return;
  }
  const id = new URLSearchParams(location.hash.slice(1)).get("job") ?? "";
  if (/^[0-9a-f]{32}$/.test(id)) {
    showView("job", focus);
    openJob(id);
    return;
  }
  leaveJob();
  showView("start", focus);
  loadJobs();
}

byId("key-form").onsubmit = async (event) => {
  event.preventDefault();
  key.set(byId("key").value.trim());
  byId("key-use").disabled = true;
  try {
    await call("GET", "providers");
    byId("key").value = "";
    route();
  } catch (problem) {
    if (problem.status !== 401) tellError("key-error", sentence(problem));
  } finally {
    byId("key-use").disabled = false;
  }
};
byId("forget").onclick = () => { dropList(); history.replaceState(null, "", location.pathname); askForKey(); };
for (const id of ["home", "back"]) byId(id).onclick = (event) => { event.preventDefault(); location.hash = ""; };

startList();
startColumns();
startOrder();
startJobView();
startJobs();
addEventListener("hashchange", () => route());
route(false);
