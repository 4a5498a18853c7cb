// From item to item. A verdict asks for the next one, kept out of sight; deciding shows it at once, while the decision
// travels. One that is refused or lost brings the old item back, with its form as it was.

const main = () => document.querySelector("#main");
const field = (root, name) => root.querySelector(`form.decision [name=${name}]`).value;
const say = (name, status) => dispatchEvent(new CustomEvent("say", { detail: { name, status } }));

let ahead = null; // {nodes (in an element), url, until, letGo, round, fence, freshUntil}
let asked;
let unsent = null; // the form that waits for the network
let travelling = Promise.resolve();

const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body; // inert until it is shown
const post = (url, body, most = 20_000) =>
  fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(most) });

// ── The next item, ahead of time ──

async function ask(form) {
  if (!form.isConnected || (ahead ? ahead.freshUntil > performance.now() : asked === form)) return;
  asked = form;
  const answer = await post(form.dataset.ahead, new FormData(form), 3000).catch(() => null);
  if (answer?.status === 200 && !answer.redirected) keep(form, parsed(await answer.text()), answer.headers.get("HX-Replace-Url"));
}

function keep(form, nodes, url) {
  const { letGo } = nodes.querySelector("form.decision").dataset;
  const { until } = nodes.querySelector("#lease").dataset;
  const freshUntil = performance.now() + 100_000;
  ahead = { nodes, url, until, letGo, round: field(nodes, "round"), fence: field(nodes, "fence"), freshUntil };
  if (!form.isConnected || "sent" in form.dataset) release(); // decided without it
}

function release() {
  if (!ahead) return;
  const { round, fence, until } = ahead;
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  navigator.sendBeacon(ahead.letGo, new URLSearchParams({ csrfmiddlewaretoken, round, fence, until }));
  ahead = null;
}

// ── Showing ──

function enliven(node) {
  htmx.process(node);
  node.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
}

/** Put an item into the page; return the one that stood there. */
function show({ nodes, url }) {
  const place = main();
  const alerts = document.querySelector("#alerts");
  const old = { nodes: new DocumentFragment(), url: location.href };
  old.nodes.append(...[...place.childNodes].filter((node) => node !== alerts));
  place.append(...nodes.childNodes);
  const heading = place.querySelector("h1");
  document.title = `${heading.textContent} · Trustdesk`;
  history.replaceState(history.state, "", url);
  (place.querySelector(".notice[data-focus]") ?? heading).focus();
  setTimeout(enliven, 0, place); // after it is painted
  return old;
}

/** Put the parts of an answer in the place of their likes; what has none goes to the end. */
function replaceParts(html) {
  for (const part of [...parsed(html).children]) {
    const stale = document.getElementById(part.id);
    if (stale) stale.replaceWith(part);
    else main().append(part);
    enliven(part);
    (part.querySelector("[data-focus]") ?? part.closest("[data-focus]"))?.focus();
  }
}

/** Show a whole page that came instead: the item is not held any more. */
function showPage(html) {
  const page = parsed(html).querySelector("main");
  main().className = page.className;
  page.querySelector("#alerts").remove();
  show({ nodes: page, url: location.href });
}

// ── Deciding ──

async function decide(form, body, isAgain) {
  if (!form.isConnected || "sent" in form.dataset) return;
  const next = ahead?.freshUntil > performance.now() ? ahead : null;
  if (next) body.set("ahead", next.round);
  if (next) body.set("ahead_fence", next.fence);
  form.dataset.sent = "";
  unsent = null;
  const old = next && !isAgain ? show(next) : null;
  if (next) ahead = null;
  const answer = await post(form.action, body).catch(() => null);
  const html = answer ? await answer.text().catch(() => "") : "";
  if (answer?.ok && !answer.redirected) return goOn(answer, html, next, old);

  delete form.dataset.sent;
  if (old) next.nodes = show(old).nodes;
  ahead = next;
  if ([409, 422].includes(answer?.status)) {
    release();
    if (html.includes("<main")) showPage(html);
    else replaceParts(html);
  } else if (!answer || answer.status > 501) {
    say("unsent");
    unsent = form;
    setTimeout(again, 5000);
  } else say(null, answer.status);
}

function goOn(answer, html, next, old) {
  const elsewhere = answer.headers.get("HX-Redirect");
  if (elsewhere) return location.assign(elsewhere);
  document.querySelector("#alerts").replaceChildren();
  if (answer.headers.get("X-Next") !== "ahead") return show({ nodes: parsed(html), url: answer.headers.get("HX-Replace-Url") });
  if (!old) show(next);
  replaceParts(html);
}

const inTurn = (work) => (travelling = travelling.then(work).catch(reportError));
const again = () => inTurn(() => unsent && decide(unsent, new FormData(unsent), 1));

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.decision") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const body = new FormData(form);
  inTurn(() => decide(form, body));
});
addEventListener("change", ({ target }) => {
  const form = target.closest("form.decision");
  if (form) queueMicrotask(() => form.querySelector("[name=verdict]:checked") && inTurn(() => ask(form)));
});
addEventListener("online", again);
// Undo, pressed while the decision travels, waits until it is made.
addEventListener("unmet", ({ detail }) => inTurn(() => document.querySelector(`#told [data-key="${CSS.escape(detail)}"]`)?.click()));
addEventListener("pagehide", release);
