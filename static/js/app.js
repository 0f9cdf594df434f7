// What the pages do better with JavaScript. Every journey works without this file.

const say = document.createElement("p");
say.className = "visually-hidden";
say.setAttribute("role", "status");
document.body.append(say);

function button(text, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--inline";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  return made;
}

// The error summary is read first, as if the page had been opened there. Its links lead to the fields, label and all,
// and not by a fragment in the address, which would stay there on all the pages that follow.
const summary = document.querySelector("[data-error-summary]");
summary?.focus();
summary?.addEventListener("click", (event) => {
  const field = document.getElementById(event.target.closest("a")?.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest(".field")?.scrollIntoView();
  field.focus({ preventScroll: true });
});

// A page that answered a form directly is not kept, so that Back to it would end at an error page of the browser's:
// from now on the browser remembers its address only, and asks for it anew.
if (summary || document.querySelector(".codes")) history.replaceState(null, "", location.href);

// Show and hide a secret. It goes back to dots before it is sent, so that no browser keeps it as plain text.
function addToggle(group) {
  const input = group.querySelector("input");
  const name = group.closest(".field")?.querySelector("label")?.textContent.trim() ?? "";
  const toggle = button("Show", `Show ${name}`);
  toggle.setAttribute("aria-controls", input.id);
  const isPin = input.type !== "password"; // masked by the stylesheet
  const isShown = () => (isPin ? !input.classList.contains("input--masked") : input.type === "text");
  const show = (shown) => {
    if (isPin) input.classList.toggle("input--masked", !shown);
    else input.type = shown ? "text" : "password";
    toggle.textContent = shown ? "Hide" : "Show";
    toggle.setAttribute("aria-label", `${shown ? "Hide" : "Show"} ${name}`);
  };
  toggle.addEventListener("click", () => {
    show(!isShown());
    say.textContent = isShown() ? `${name} is shown` : `${name} is hidden`;
  });
  input.form?.addEventListener("submit", () => show(false));
  group.append(toggle);
}

// Copy the text of [data-copy], or what its value names when it has one.
for (const source of document.querySelectorAll("[data-copy]")) {
  const copy = button("Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.dataset.copy || source.innerText.trim());
    copy.textContent = "Copied";
    say.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 2000);
  });
  const others = document.getElementById(source.dataset.copyTo);
  if (!navigator.clipboard) continue;
  if (others) {
    copy.className = "button button--secondary button--small";
    others.append(copy);
  } else source.after(copy);
}

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A second click on the way sends nothing twice. (The server would not pay twice either.)
function release(form) {
  delete form.dataset.sent;
  for (const sent of form.querySelectorAll("button[aria-disabled]")) sent.removeAttribute("aria-disabled");
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(release, 10_000, form);
  });
}

function enhance(root) {
  root.querySelectorAll("[data-secret]").forEach(addToggle);
  root.querySelectorAll("form[method=post]:not([data-repeatable])").forEach(sendOnce);
}

enhance(document);

// A shown balance is masked when its time is over: also on a page that must not load anew while somebody types, and
// after the computer slept through that moment.
function mask(balance) {
  const dots = document.createElement("span");
  dots.setAttribute("aria-hidden", "true");
  dots.textContent = "••••••";
  const word = document.createElement("span");
  word.className = "visually-hidden";
  word.textContent = "hidden";
  balance.replaceChildren(dots, word);
  balance.classList.add("amount--masked");
}

// The button that hides balances gives way to what shows them, but not under somebody's hands.
function makeWay(template) {
  const shown = template.previousElementSibling;
  if (shown.contains(document.activeElement)) {
    shown.addEventListener("focusout", () => setTimeout(makeWay, 0, template), { once: true });
    return;
  }
  const hidden = template.content.cloneNode(true);
  enhance(hidden);
  shown.remove();
  template.replaceWith(hidden);
}

const balances = () => document.querySelectorAll("[data-expires]:not(.amount--masked)");
let ends = 0;
let ticking;

function maskInTime() {
  clearInterval(ticking);
  if (!balances().length) return;
  ends = Date.now() + balances()[0].dataset.expires * 1000;
  ticking = setInterval(() => {
    if (Date.now() < ends) return;
    clearInterval(ticking);
    balances().forEach(mask);
    document.querySelectorAll("[data-when-hidden]").forEach(makeWay);
  }, 1000);
}

const hadBalances = balances().length > 0;
maskInTime();

// A page that came back from the browser's memory is asked for anew where it holds balances; its buttons work again.
window.addEventListener("pageshow", (event) => {
  document.querySelectorAll("form[data-sent]").forEach(release);
  if (event.persisted && hadBalances) location.replace(location.pathname + location.search);
});
