// Saves a form to the server 0.8 s after typing stops; tries again with growing delay, and at once when the line returns.
// The words of the status line come from the page, so that they are in its language.

const PAUSE = 800;
const LONGEST = 30_000;

export function startAutosave(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let delay = 2_000;
  let isSaving = false;
  let isDirty = false;
  let isLeaving = false;

  const say = (name, state = "") => {
    const time = new Intl.DateTimeFormat(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"}).format(new Date());
    status.textContent = status.dataset[name].replace("{time}", time);
    status.dataset.state = state;
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const again = (name) => {
    isDirty = true;
    say(name, "trouble");
    later(delay);
    delay = Math.min(delay * 2, LONGEST);
  };

  async function save() {
    if (isSaving || !isDirty || isLeaving) return;
    isSaving = true;
    isDirty = false;
    const fields = new FormData(form);
    // Each save is an act of its own; the key of the page belongs to its button.
    fields.set("submission_key", crypto.randomUUID ? crypto.randomUUID() : "");
    if (!fields.get("submission_key")) fields.delete("submission_key");
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        body: fields,
        credentials: "same-origin",
        headers: {Accept: "application/json", "X-Requested-With": "autosave"},
        redirect: "manual",
      });
      if (answer.ok) {
        delay = 2_000;
        takeVersion(answer);
        say("saved");
      } else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        again("signedout");
      } else {
        isDirty = true;
        say("failed", "trouble");
      }
    } catch {
      again("offline");
    } finally {
      isSaving = false;
      if (isDirty && status.dataset.state !== "trouble") later(PAUSE);
    }
  }

  // The next save of this page builds on the one just made.
  function takeVersion(answer) {
    const version = answer.headers.get("Version");
    const field = form.elements.namedItem("version");
    if (field && version) field.value = version;
  }

  form.addEventListener("input", () => {
    isDirty = true;
    later(PAUSE);
  });
  form.addEventListener("submit", () => {
    isLeaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("hide", () => {
    isLeaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("offline", () => isDirty && say("offline", "trouble"));
  window.addEventListener("pageshow", () => {
    isLeaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty && !isLeaving) event.preventDefault();
  });
}
