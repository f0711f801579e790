// What fields, numbers, times, states and errors are called.

const FIELD_NAMES = {
  email: "E-mail", linkedin_url: "LinkedIn profile", title: "Job title", company_domain: "Company website",
  phone: "Phone", company: "Company", full_name: "Full name", region: "Region or state",
  email_status: "Verified or not", email_valid: "Is it valid?", email_problem: "What is wrong", email_domain: "Domain",
  email_host: "Mail host", email_free: "Free mailbox?", email_disposable: "Throw-away?", email_role: "Role, such as info@?",
  phone_valid: "Is it valid?", phone_type: "Mobile or landline", phone_country: "Its country",
  phone_region: "Its region", phone_timezone: "Its time zone",
  duplicate_of: "Number of the earlier row",
};
const PROVIDER_NAMES = {
  offline: "Cleaning and checking", pdl: "People Data Labs", apollo: "Apollo", hunter: "Hunter",
  fullcontact: "FullContact", gravatar: "Gravatar", zerobounce: "ZeroBounce",
};
const STATUS_NAMES = {
  QUEUED: "Waiting", SPLITTING: "Reading the list", ENRICHING: "Looking up", AGGREGATING: "Writing the file",
  COMPLETED: "Done", COMPLETED_WITH_ERRORS: "Done, with errors", FAILED: "Failed", CANCELLED: "Cancelled",
};
const ENDED = ["COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED"];
const ROW_NAMES = {
  matched: "complete", partial: "partly filled", not_found: "nothing found", invalid: "cannot be used",
  failed: "failed", skipped: "not tried",
};
/** What is wrong with a provider, for whoever has to do something about it. */
const TROUBLES = {
  throttled: "wants fewer requests; the job waits for it.",
  too_slow: "allows too few requests to ask for every row; the rows say so.",
  out_of_credits: "has no credits left: it was not asked any more. Buy credits there, then start the list again.",
  bad_key: "refused its key: it was not asked any more. Tell whoever runs the service.",
  down: "did not answer: it was not asked any more. Start the list again later; answers are not paid for twice.",
};

/** The name of a field below a heading that says what it is about: "Is it valid?" below "Phone". */
function shortName(field) {
  const words = field.replaceAll("_", " ");
  return FIELD_NAMES[field] ?? words[0].toUpperCase() + words.slice(1);
}

/** The name of a field by itself: "Phone: is it valid?". */
function fieldName(field) {
  const [, about] = /^(email|phone)_/.exec(field) ?? [];
  const short = shortName(field);
  return about ? `${FIELD_NAMES[about]}: ${short[0].toLowerCase()}${short.slice(1)}` : short;
}

const providerName = (provider) => provider.title || PROVIDER_NAMES[provider.name] || provider.name;

const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 2 });

const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

const percent = (share) => `${share > 0 && share < 0.01 ? "<1" : Math.floor(share * 100)} %`;

function size(bytes) {
  for (const [unit, factor] of [["GB", 1e9], ["MB", 1e6], ["KB", 1e3]]) {
    if (bytes >= factor) return `${number(Math.round(bytes / factor * 10) / 10)} ${unit}`;
  }
  return counted(bytes, "byte");
}

function duration(seconds) {
  if (seconds < 90) return counted(Math.max(1, Math.round(seconds)), "second");
  if (seconds < 90 * 60) return counted(Math.round(seconds / 60), "minute");
  return `${number(Math.round(seconds / 360) / 10)} hours`;
}

const time = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** What went wrong, in a sentence that says what to do. */
function sentence(problem) {
  if (problem.status === 429) return `${problem.message} Try again in ${duration(problem.wait || 1)}.`;
  if (problem.status >= 500) return "Something went wrong in the service. Try again: nothing is started or paid for twice.";
  return problem.message;
}
