// The end of step 3: what the job would cost, and its start.

async function estimateJob() {
  order.work = new AbortController();
  byId("estimate").replaceChildren(make("p", {}, "Counting the list …"));
  try {
    const { data } = await call("POST", "process", { ...orderOptions(), estimate: true }, { signal: order.work.signal });
    drawEstimate(data.estimate);
    byId("start").disabled = false;
  } catch (problem) {
    if (problem.name === "AbortError") return;
    byId("estimate").replaceChildren();
    tellError("order-error", sentence(problem), "Try again", changedOrder);
  }
}

function drawEstimate(estimate) {
  const about = estimate.complete ? "" : "About ";
  const people = `${about}${counted(estimate.contacts, "row")}, ${counted(estimate.people, "different person", "different people")}.`;
  const cost = estimate.credits_at_most ? ` It costs at most ${counted(estimate.credits_at_most, "credit")}.` : " It costs nothing.";
  const parts = estimate.providers.map((part) => {
    const provider = order.providers.find((other) => other.name === part.name) ?? part;
    const cached = part.cached ? `, ${number(part.cached)} known already` : "";
    return make("li", {}, `${providerName(provider)}: at most ${counted(part.lookups_at_most, "lookup")}${cached}, ${counted(part.credits_at_most, "credit")}`);
  });
  byId("estimate").replaceChildren(make("p", {}, people, make("strong", {}, cost)), make("ul", {}, ...parts));
  const paid = estimate.credits_at_most ? ` · at most ${counted(estimate.credits_at_most, "credit")}` : "";
  byId("start").textContent = `Start · ${counted(estimate.contacts, "row")}${paid}`;
}

/** Start the job. The same options have the same Idempotency-Key: a second try starts no second job. */
async function startJob() {
  const button = byId("start");
  if (button.disabled) return;
  const options = orderOptions();
  if (order.asked !== JSON.stringify(options)) Object.assign(order, { asked: JSON.stringify(options), key: randomId() });
  button.disabled = true;
  tellError("order-error", "");
  try {
    const { data } = await call("POST", "process", options, { headers: { "Idempotency-Key": order.key } });
    sessionStorage.setItem(`name-${data.id}`, list.name);
    Object.assign(order, { asked: "", key: "" });
    dropList(true);
    location.hash = `job=${data.id}`;
  } catch (problem) {
    button.disabled = false;
    tellError("order-error", sentence(problem));
  }
}
