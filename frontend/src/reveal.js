// Shows what is hidden for a minute, in place of a page of its own. Leaving the page or hiding the screen ends it at once.

export function revealForAMinute(form) {
  const slot = form.querySelector("[data-reveal-slot]");
  const button = form.querySelector("[data-reveal-word]");
  const hidden = slot.innerHTML;
  const words = button.textContent;
  let timer = 0;
  let isAsking = false;

  const conceal = () => {
    clearTimeout(timer);
    timer = 0;
    slot.innerHTML = hidden;
    button.textContent = words;
  };

  async function show() {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      credentials: "same-origin",
      headers: {"X-Requested-With": "reveal"},
      redirect: "manual",
    });
    // Signed out or locked meanwhile: the page itself says so.
    if (!answer.ok) return location.reload();
    slot.innerHTML = await answer.text();
    button.textContent = form.dataset.hideWords;
    timer = setTimeout(conceal, form.dataset.reveal * 1000);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (timer) conceal();
    else if (!isAsking) {
      isAsking = true;
      show().catch(conceal).finally(() => (isAsking = false));
    }
  });
  addEventListener("pagehide", conceal);
  document.addEventListener("visibilitychange", () => document.hidden && conceal());
  addEventListener("hide", conceal);
}
