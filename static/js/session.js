// Warns a minute before the session ends. Asking how long it lasts does not count as use; staying signed in does.
// Without this file nothing is lost but the warning: a session that ended comes back to the same page after signing in.
const warning = document.getElementById("session-warning");
const WARN_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 240;

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

async function look(method = "GET") {
  const response = await fetch(warning.dataset.url, { method, headers: { "X-CSRFToken": token() }, redirect: "manual" });
  if (response.status >= 500) throw new Error(`the server answers ${response.status}`);
  return response.ok ? (await response.json()).seconds : 0;
}

async function watch() {
  let seconds;
  try {
    seconds = await look();
  } catch {
    seconds = WARN_SECONDS * 2; // not to be reached: ask again later
  }
  if (seconds > WARN_SECONDS) {
    if (warning.open) warning.close();
    setTimeout(watch, Math.min(seconds - WARN_SECONDS, LONGEST_WAIT_SECONDS) * 1000);
  } else if (seconds > 0) {
    if (!warning.open) warning.showModal();
    setTimeout(watch, Math.min(seconds, 15) * 1000);
  } else {
    warning.querySelector("h2").textContent = "You are signed out";
    const form = document.querySelector("input[name=typed_by]")?.form;
    warning.querySelector("p").textContent = form
      ? "Sign in again, and you come back to this page as you left it. Nothing was sent."
      : "Sign in again, and you come back to this page.";
    warning.querySelector("form").hidden = true;
    const again = warning.querySelector("a");
    again.hidden = false;
    // The form goes to the server without being used there, and comes back after the sign-in.
    again.onclick = (event) => {
      if (!form) return;
      event.preventDefault();
      form.submit();
    };
    if (!warning.open) warning.showModal();
  }
}

if (warning) {
  warning.addEventListener("close", () => {
    if (warning.returnValue !== "stay") return;
    warning.returnValue = "";
    look("POST").catch(() => {});
  });
  watch();
  // A page out of the browser's memory is not for whoever comes after a sign-out.
  window.addEventListener("pageshow", async (event) => {
    if (event.persisted && (await look().catch(() => null)) === 0) location.reload();
  });
}
